// What the inspector's page works out by itself: links, lags, JSON text, bytes, commands, and how it reads a topic.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { bytesOf, firstBytes, hexLine, oneLine, sizeOf, sizeText, visible } from '../../web/js/inspector/bytes.js';
import { consumeLines, produceLines, quoted, recordLines, resetLines } from '../../web/js/inspector/command_lines.js';
import { supersededBy, tombstoneKeptMs } from '../../web/js/inspector/compacted.js';
import { History, behind, isNewLog, trendOf } from '../../web/js/inspector/history.js';
import { importFile, partMaxBytes, partsOf } from '../../web/js/inspector/import_file.js';
import { depthMax, jsonLines, prettyText, shownLines } from '../../web/js/inspector/json_text.js';
import { Reading, filterParameters, nothing, pathText, pathsOf, rowOf, rowsMax } from '../../web/js/inspector/reading.js';
import { hashOf, noQuery, recordLink, routeOf } from '../../web/js/inspector/route.js';
import { keepsText, meaningOf } from '../../web/js/inspector/settings_text.js';

const text = (value) => ({ encoding: 'utf-8', text: value });

describe('links', () => {
  test('a link names exactly one record, or a topic with its filters, and is read as it was written', () => {
    assert.equal(recordLink({ topic: 'orders', partition: 1, offset: 1902 }), '#orders/1/1902');
    for (const route of [
      { view: 'topic', topic: 'orders', partition: 1, offset: 1902, query: { ...noQuery, filter: 'order.price > 20 and a == "&#?/"', from: 'oldest', key: 'null' } },
      { view: 'topic', topic: 'order-status', partition: undefined, offset: undefined, query: { ...noQuery, tab: 'compacted', partition: '2' } },
      { view: 'groups', group: 'a/b c%?#é', query: noQuery }, { view: 'topics', query: noQuery },
    ]) {
      const read = routeOf(hashOf(route));
      assert.deepEqual({ ...read, ...route }, read);
    }
  });

  test('what is no link of this page opens the topics, or the topic without a record, and never fails', () => {
    for (const hash of ['', '#', '#/', '#/nothing', '#/%']) assert.equal(routeOf(hash).view, 'topics');
    for (const hash of ['#orders/1', '#orders/x/2', '#orders/1/-2', '#orders/1/99999999999999999999', '#orders//3']) {
      assert.deepEqual([routeOf(hash).topic, routeOf(hash).offset], ['orders', undefined], hash);
    }
    assert.equal(routeOf('#%E0%A4%A').topic, '%E0%A4%A');
  });
});

describe('lag over time', () => {
  const system = (at, end, committed) => ({ at, topics: [{ name: 't', partitions: [{ partition: 0, endOffset: end }] }],
    groups: [{ group: 'g', partitions: [{ topic: 't', partition: 0, committedOffset: committed }] }] });

  test('the oldest unread record is as old as the log is past it', () => {
    const history = new History(1000, 60_000);
    for (let n = 0; n <= 10; n += 1) history.add(system(n * 1000, n * 10, n < 5 ? n * 10 : 50));
    assert.equal(history.rate('t/0'), 10);
    assert.deepEqual(history.lag('g', 't', 0, 8000), [30, 40, 50]);
    const of = { topic: 't', partition: 0, committedOffset: 50, lag: 50 };
    assert.deepEqual(behind([history], of, 10_000), { ms: 4900, atLeast: false }, 'record 50 was written at 5.1 s');
    assert.deepEqual(behind([history], { ...of, lag: 0 }, 10_000), { ms: 0, atLeast: false });
    assert.equal(behind([history], { ...of, committedOffset: null }, 10_000), undefined);
    const late = new History(1000, 60_000);
    late.add(system(9000, 90, 50));
    assert.deepEqual(behind([late], of, 10_000), { ms: 1000, atLeast: true }, 'written before this page looked');
    assert.equal(behind([late], of, 8_900), undefined, 'a clock that is behind says nothing');
  });

  test('it is bounded in time, and what was not known is no number', () => {
    const history = new History(1000, 5000);
    for (let n = 0; n < 20; n += 1) history.add(n === 17 ? { at: n * 1000, topics: [], groups: [] } : system(n * 1000, n, 0));
    assert.equal(history.times.length, 6);
    assert.ok(Number.isNaN(history.lag('g', 't', 0, 0)[3]));
    assert.equal(history.add(system(19_500, 30, 0)), false, 'too early');
  });

  test('a trend is one word, and steps of commits are flat', () => {
    assert.equal(trendOf([0, 3, 0, 4, 1, 3]), 'flat');
    assert.equal(trendOf([0, 10, 20, 30, 40, 50]), 'rising');
    assert.equal(trendOf([500, 400, 300, 200, NaN, 100]), 'falling');
    assert.equal(trendOf([1000, 1050, 980, 1010, 1020, 990]), 'flat');
    assert.equal(trendOf([5]), '');
  });

  test('offsets that go back are another log', () => {
    assert.equal(isNewLog(system(0, 10, 0), system(1, 11, 0)), false);
    assert.equal(isNewLog(system(0, 10, 0), system(1, 9, 0)), true);
    assert.equal(isNewLog(system(0, 10, 0), { at: 1, topics: [], groups: [] }), false);
    assert.equal(isNewLog(undefined, system(1, 9, 0)), false);
  });
});

describe('JSON text', () => {
  test('numbers, names and their order stay as they are in the record', () => {
    const source = '{"n":12345678901234567890,"n":1e400,"a":[],"o":{"x":-0.10},"s":"\\u202e"}';
    const { lines, wrong } = jsonLines(source);
    assert.equal(wrong, undefined);
    assert.equal(prettyText(lines), '{\n  "n": 12345678901234567890,\n  "n": 1e400,\n  "a": [],\n  "o": {\n    "x": -0.10\n  },\n  "s": "\\u202e"\n}');
    assert.equal(prettyText(lines).replace(/\s/g, ''), source);
  });

  test('it agrees with JSON.parse on what is JSON', () => {
    for (const source of ['1', '"a"', ' null ', '[]', '{}', '[1,2]', '{"a":{"b":[true,false,null]}}', '[[],[{}]]', '-0', '1E+2', '"\\ud800"',
      '', '{', '[1,]', '{"a"}', '{"a":}', '{a:1}', "{'a':1}", '01', '+1', '.5', '1.', 'tru', 'nul', '[1 2]', '1 2', '{"a":1,}', '"\n"', '\u00a01', 'NaN', '"\\x"', '[}', ']']) {
      let isJson = true;
      try {
        JSON.parse(source);
      } catch {
        isJson = false;
      }
      assert.equal(jsonLines(source).wrong === undefined, isJson, source);
    }
  });

  test('what is wrong has a line, a column and what was expected', () => {
    assert.deepEqual(jsonLines('{\n  "price": 7,80\n}').wrong, { at: 15, line: 2, column: 14, expected: 'a name in double quotes' });
    assert.equal(jsonLines('[1 2]').wrong?.expected, 'a comma or ]');
    assert.equal(jsonLines('{"a" 1}').wrong?.expected, 'a colon');
    assert.equal(jsonLines('{} x').wrong?.expected, 'nothing more');
    assert.match(jsonLines('['.repeat(depthMax + 1)).wrong?.expected ?? '', /levels/);
  });

  test('a folded bracket hides what is in it and nothing else', () => {
    const { lines } = jsonLines('{"a":[1,2],"b":3}');
    const folded = shownLines(lines, new Set([1]));
    assert.deepEqual(folded.map(({ line }) => line.name || line.text), ['{', '"a"', '"b"', '}']);
  });

  test('a value of 1 MB is read in well under a second', () => {
    const source = JSON.stringify(Array.from({ length: 40_000 }, (_, n) => ({ n, s: 'x'.repeat(10) })));
    assert.ok(source.length > 1e6);
    assert.equal(jsonLines(source).lines.length, 4 * 40_000 + 2);
  });
});

describe('bytes', () => {
  test('sizes are those of the bytes, whatever the encoding', () => {
    for (const value of ['', 'a', 'é', '€', '😀', 'aé€😀']) assert.equal(sizeOf(text(value)), Buffer.byteLength(value), value);
    for (const bytes of [[], [1], [1, 2], [1, 2, 3], [255, 0, 1, 2]]) assert.equal(sizeOf({ encoding: 'base64', text: Buffer.from(bytes).toString('base64') }), bytes.length);
    assert.equal(sizeOf(null), 0);
    assert.deepEqual([sizeText(96), sizeText(12_000), sizeText(22_100_000), sizeText(999_999)], ['96 B', '12.0 kB', '22.1 MB', '1000 kB']);
  });

  test('hex has sixteen bytes a line, and text beside it', () => {
    const bytes = bytesOf(text('0123456789abcdefXY\u0000'));
    assert.deepEqual(hexLine(bytes, 0), { at: '0000', hex: '30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66', text: '0123456789abcdef' });
    assert.deepEqual(hexLine(bytes, 1), { at: '0010', hex: '58 59 00  ', text: 'XY.' });
    assert.equal(firstBytes({ encoding: 'base64', text: 'H4sIAAAAAAAA' }, 4), '1f 8b 08 00');
  });

  test('what would act on the page is shown as an escape', () => {
    assert.equal(visible('a\u202eb\u0000c\u200bd\u001b[31m\n\t'), 'a\\u202eb\\u0000c\\u200bd\\u001b[31m\n\t');
    assert.equal(oneLine('a\r\nb\tc'), 'a↵b c');
    assert.equal(visible('שלום, مرحبا, 你好 😀'), 'שלום, مرحبا, 你好 😀');
  });
});

describe('the same in a terminal', () => {
  const kafka = { bus: 'kafka', brokers: 'localhost:29092', url: 'http://localhost:8080' };
  const memory = { bus: 'memory', brokers: '', url: 'http://localhost:8080' };

  test('a shell takes each word as one, and nothing in it is run', () => {
    for (const word of ['a', "it's", '$(id)', '`id`', 'a b', '"', '\\', '-n', '\u202e', 'a\nb', '*']) {
      assert.match(quoted(word), /^[\w.,:/@%+=-]+$|^'(?:[^']|'\\'')*'$|^\$'[^\n\u202e]*'$/u, word);
    }
  });

  test('filters become options, and what kcat has not becomes jq', () => {
    const query = { ...noQuery, from: 'oldest', partition: '1', filter: 'order.price > 20 and retryCount >= 1', key: 'null' };
    const [own, kcat, rpk] = consumeLines(kafka, 'orders', query).map(({ line }) => line);
    assert.match(own, /^foodorder consume --bus=kafka --brokers=localhost:29092 -t orders -p 1 -o beginning -e --key=null --filter='order\.price > 20 and retryCount >= 1'$/);
    assert.match(kcat, /^kcat -C -b localhost:29092 -t orders -p 1 -o beginning -e -J \| jq -c 'select\(\.key == null and /);
    assert.match(rpk, /^rpk topic consume orders -p 1 -o start /);
    assert.deepEqual(consumeLines(memory, 'orders', noQuery).map(({ tool }) => tool), ['foodorder'], 'no other tool reaches a log in memory');
    assert.match(consumeLines(kafka, 't', { ...noQuery, from: '2026-11-28T14:02:38Z' })[1].line, /-o s@1795874558000 /);
  });

  test('one record, a produce and a reset', () => {
    assert.match(recordLines(kafka, { topic: 'orders', partition: 1, offset: 7 })[2].line, /--partition 1 --offset 7 --max-messages 1/);
    assert.match(produceLines(kafka, 't', { key: 'k', value: null, headers: [{ name: 'a', value: 'b c' }] })[1].line, /^echo \| kcat -P .* -k k -H 'a=b c' -Z$/);
    const reset = resetLines(kafka, 'g', { to: 'time', value: '2026-11-23T13:58:00Z', topics: ['orders:0,2'], execute: false })[0].line;
    assert.equal(reset, 'kafka-consumer-groups.sh --bootstrap-server localhost:29092 --group g --reset-offsets --topic orders:0,2 --to-datetime 2026-11-23T13:58:00.000Z --dry-run');
  });
});

describe('a log and what compaction leaves of it', () => {
  test('the newest of a key in its partition supersedes the others; a record without a key none', () => {
    const at = (partition, offset, key) => ({ partition, offset, key: key === null ? null : text(key) });
    const next = supersededBy([at(0, 3, 'a'), at(0, 1, 'a'), at(0, 2, 'b'), at(1, 5, 'a'), at(0, 4, null), at(0, 5, null)]);
    assert.deepEqual([...next], [['0/1', 3]]);
  });

  test('settings say what their values mean', () => {
    assert.deepEqual([meaningOf('retention.ms', '604800000'), meaningOf('retention.ms', '-1'), meaningOf('segment.bytes', '1073741824'), meaningOf('max.compaction.lag.ms', '9223372036854775807')],
      ['7 d', 'for ever', '1 GiB', 'no limit']);
    assert.deepEqual([keepsText({ 'retention.ms': '-1', 'retention.bytes': '-1' }), keepsText({ 'retention.ms': '86400000' }), keepsText(undefined)], ['all', '1 d', '']);
    assert.equal(tombstoneKeptMs({ 'delete.retention.ms': '60000' }), 60_000);
  });
});

describe('reading a topic', () => {
  const message = (partition, offset, more = {}) => ({ topic: 't', partition, offset, timestamp: new Date(1_700_000_000_000 + offset * 10 + partition).toISOString(),
    key: text(`k${offset}`), value: text(`{"n":${offset}}`), json: { n: offset }, headers: [], ...more });

  /** A log of two partitions, read as the API gives it. */
  function log(ends, matches = () => true) {
    const asked = [];
    const get = async (path) => {
      const search = new URL(path, 'http://x').searchParams;
      asked.push(search);
      const limit = Number(search.get('limit'));
      const body = { messages: [], next: [], previous: [] };
      for (const [partition, end] of ends.entries()) {
        if (search.get('partition') && search.get('partition') !== String(partition)) continue;
        const all = Array.from({ length: end }, (_, offset) => message(partition, offset)).filter(matches);
        if (search.get('before') || search.get('from') === 'newest') {
          const before = Number(search.get('before') ?? end);
          const some = all.filter(({ offset }) => offset < before).slice(-limit);
          body.messages.push(...some);
          if ((some[0]?.offset ?? 0) > 0) body.previous.push({ partition, offset: some[0].offset });
        } else {
          const from = search.get('from') === 'oldest' ? 0 : Number(search.get('from'));
          const some = all.filter(({ offset }) => offset >= from).slice(0, limit);
          body.messages.push(...some);
          if (some.length === limit && some.at(-1).offset + 1 < end) body.next.push({ partition, offset: some.at(-1).offset + 1 });
        }
      }
      return { error: '', fields: {}, body };
    };
    return { get, asked };
  }
  const partitions = (ends) => ends.map((endOffset, partition) => ({ partition, startOffset: 0, endOffset, records: endOffset, sizeBytes: 0 }));

  function read(ends, query = {}, matches = undefined) {
    const { get, asked } = log(ends, matches);
    let shown = nothing;
    const reading = new Reading('t', { ...noQuery, ...query }, get, (now) => (shown = now));
    return { reading, asked, now: () => shown };
  }

  test('the newest come first, each once, and the rest when the list is at its end', async () => {
    const { reading, now } = read([1000, 300]);
    await reading.start(partitions([1000, 300]));
    assert.equal(now().status, 'more');
    assert.ok(now().rows.length >= 200);
    const offsets = now().rows.map(({ timestamp }) => timestamp);
    assert.deepEqual(offsets, offsets.toSorted().reverse());
    for (let n = 0; n < 20 && now().status !== 'done'; n += 1) {
      reading.more();
      while (now().status === 'reading') await new Promise(setImmediate);
    }
    assert.equal(now().rows.length, 1300);
    assert.equal(new Set(now().rows.map(({ partition, offset }) => `${partition}/${offset}`)).size, 1300);
    assert.deepEqual([now().read, now().total], [1300, 1300]);
  });

  test('a filter that finds little reads on by itself, says how much it has read, and stops when told', async () => {
    const { reading, now, asked } = read([5000], { from: 'oldest', filter: 'n == 4999' }, ({ offset }) => offset % 100 === 0);
    const reads = reading.start(partitions([5000]));
    await new Promise(setImmediate);
    reading.stop();
    await reads;
    assert.equal(now().status, 'done', 'fifty matches are one page');
    assert.equal(asked[0].get('filter'), 'n == 4999');
    assert.deepEqual([now().read, now().total], [5000, 5000]);
  });

  test('a paused tail reads nothing and counts; resumed, it takes up where it was', async () => {
    const ends = [10, 10];
    const { get, asked } = log(ends);
    let shown = nothing;
    const reading = new Reading('t', noQuery, get, (now) => (shown = now));
    await reading.start(partitions(ends));
    reading.setTail('live');
    ends[0] = 13;
    await reading.follow(partitions(ends));
    assert.equal(shown.rows.length, 23);
    reading.setTail('paused');
    const before = asked.length;
    ends[1] = 128;
    await reading.follow(partitions(ends));
    assert.equal(asked.length, before);
    assert.equal(reading.meanwhile(partitions(ends)), 118);
    assert.equal(shown.rows.length, 23, 'the rows stay');
    reading.setTail('live');
    await reading.follow(partitions(ends));
    assert.equal(shown.rows.length, 141);
    assert.equal(reading.meanwhile(partitions(ends)), 0);
  });

  test('what the server refuses names its field, and what was read stays', async () => {
    let shown = nothing;
    const reading = new Reading('t', { ...noQuery, filter: 'a >' }, async () => ({ error: 'no', fields: { filter: 'position 4: a value expected' }, body: {} }), (now) => (shown = now));
    await reading.start(partitions([5]));
    assert.deepEqual([shown.status, shown.fields.filter], ['failed', 'position 4: a value expected']);
  });

  test('of a large value a row keeps the beginning, and its size', () => {
    const row = rowOf(message(0, 1, { value: text('x'.repeat(1_000_000)), json: undefined, headers: Array.from({ length: 10_000 }, (_, n) => ({ name: `h${n}`, value: null })) }), []);
    assert.deepEqual([row.value.text.length, row.value.bytes, row.value.cut, row.headers.length], [2000, 1_000_000, true, 20]);
    assert.ok(rowsMax * 2000 < 32 * 2 ** 20);
  });

  test('the paths of a filter become columns; a value that is no JSON cannot be judged', () => {
    assert.deepEqual(pathsOf('order.price > 20 and retryCount >= 1 and items[0].name contains "a > b"'), ['order.price', 'retryCount', 'items[0].name']);
    assert.deepEqual(pathsOf('key == "x" and offset > 3'), []);
    const of = message(0, 1, { json: { order: { price: 42.5 }, items: [{ name: 'x' }] }, headers: [{ name: 'retryCount', value: text('2') }] });
    assert.deepEqual(['order.price', 'retryCount', 'items[0].name', 'absent'].map((path) => pathText(of, path)), ['42.5', '2', 'x', '']);
    assert.equal(pathText({ ...of, json: undefined }, 'order.price'), null);
  });

  test('the word null is the key that is not there, and "null" in quotes the text', () => {
    assert.equal(filterParameters({ ...noQuery, key: 'null' }).get('key'), 'null');
    const literal = filterParameters({ ...noQuery, key: '"null"', filter: 'a > 1' });
    assert.deepEqual([literal.get('key'), literal.get('filter')], [null, 'a > 1 and key == "null"']);
    assert.equal(filterParameters({ ...noQuery, only: 'tombstones' }).get('tombstones'), 'only');
  });
});

describe('import', () => {
  const file = (lines) => new Blob([lines.join('\n')]);

  test('a file goes in parts that a request may have, no line is cut', async () => {
    const lines = Array.from({ length: 2000 }, (_, n) => JSON.stringify({ value: 'é'.repeat(50), key: String(n) }));
    const parts = [];
    for await (const part of partsOf(file(['', ...lines, '']))) parts.push(part);
    assert.ok(parts.every((part) => Buffer.byteLength(part.lines) <= partMaxBytes));
    assert.deepEqual(parts.flatMap((part) => part.lines.trimEnd().split('\n')), lines);
    assert.deepEqual(parts.map(({ first }) => first), parts.map((_, n) => 1 + parts.slice(0, n).reduce((sum, each) => sum + each.count, 0)));
  });

  test('one line is a part, also without its end, and one that is longer than a part goes alone', async () => {
    const long = JSON.stringify({ value: 'x'.repeat(partMaxBytes) });
    const counts = [];
    for await (const { count } of partsOf(file(['{"value":"1"}', long, '{"value":"2"}']))) counts.push(count);
    assert.deepEqual(counts, [1, 1, 1]);
  });

  test('it ends with the part that is refused, and says what was written before', async () => {
    const told = [];
    const lines = Array.from({ length: 3000 }, () => JSON.stringify({ value: 'x'.repeat(50) }));
    let calls = 0;
    await importFile(file(lines), async () => ((calls += 1) === 2 ? { error: 'too large', fields: { 'line 3': 'is too long' }, unknown: false, body: {} } : { error: '', fields: {}, body: [] }), false, (now) => told.push(now));
    const end = told.at(-1);
    assert.equal(end.phase, 'failed');
    assert.ok(end.records > 0 && end.records < 3000);
    assert.match(end.error, /too large line 3: is too long/);
    assert.equal(calls, 2);
  });
});
