import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Rates, lineOf, points, rateText } from '../../web/js/rates.js';

/** One group over three partitions: who owns them, what is committed. */
function system(owners, committed) {
  const members = [...new Set(owners.filter(Boolean))].map((clientId) => ({ memberId: clientId, clientId,
    assignment: owners.flatMap((owner, partition) => (owner === clientId ? [{ topic: 'orders', partition }] : [])) }));
  return { groups: [{ group: 'g', members, partitions: committed.map((committedOffset, partition) => ({ topic: 'orders', partition, committedOffset })) }] };
}

test('a member reads what its group commits of its partitions', () => {
  const rates = new Rates();
  rates.step(system(['n-1', 'n-1', 'n-2'], [10, 20, 30]), 1000);
  assert.equal(rates.step(system(['n-1', 'n-1', 'n-2'], [11, 20, 30]), 1500), undefined, 'too early');
  const now = rates.step(system(['n-1', 'n-1', 'n-2'], [14, 24, 31]), 3000);
  assert.deepEqual([...now], [['n-1', [0, 4]], ['n-2', [0, 0.5]]]);
});

test('nobody is given what nobody owned, a reset is no reading, and who left is forgotten', () => {
  const rates = new Rates();
  rates.step(system(['n-1', 'n-2'], [10, 20]), 1000);
  assert.deepEqual([...rates.step(system(['n-1', ''], [0, 25]), 2000)], [['n-1', [0, 0]]]);
  assert.deepEqual([...rates.step(system(['n-1', ''], [null, 25]), 3000)], [['n-1', [0, 0, 0]]]);
});

test('half a minute is kept', () => {
  const rates = new Rates();
  let last;
  for (let n = 0; n < 50; n += 1) last = rates.step(system(['n-1'], [n]), 1000 * (n + 1)) ?? last;
  assert.equal(last.get('n-1').length, points);
});

test('a sparkline ends at the right, and its highest figure at the top', () => {
  assert.equal(lineOf([0, 4, 2]), '93.10344827586206,22.0 96.55172413793103,2.0 100,12.0');
  assert.equal(lineOf([]), '');
  assert.equal(rateText([100, 3, 4, 4, 4, 3]), '3.6 / s');
  assert.equal(rateText([]), '0.0 / s');
  assert.equal(rateText([1234, 1235]), '1235 / s');
});
