#include "transactions.hpp"

#include "offsets.hpp"
#include "wire.hpp"

#include <algorithm>

namespace foodorder::kafka {

namespace {

using Spans = std::vector<TransactionSpan>;

constexpr std::int16_t fetch_key = 1;
constexpr std::int16_t fetch_version = 4;  // the first that has isolation levels, and the oldest that Kafka 4 takes
constexpr std::int32_t fetch_max_bytes = 2 << 20;
constexpr int fetches_max = 16;  // of one page
constexpr std::int8_t read_committed = 1;
constexpr std::int8_t read_uncommitted = 0;

// The header of a record batch, after its offset and length (KIP-98).
constexpr std::int8_t magic = 2;
constexpr unsigned transactional = 0x10;
constexpr unsigned control = 0x20;

/// Key, version, correlation, no client id; no replica, no wait, any size up to the most.
std::string fetch_request(const TopicPartition& tp, std::int64_t offset, std::int8_t isolation) {
  std::string bytes;
  put(bytes, fetch_key);
  put(bytes, fetch_version);
  put<std::int32_t>(bytes, 0);
  put<std::int16_t>(bytes, -1);
  put<std::int32_t>(bytes, -1);
  put<std::int32_t>(bytes, 0);
  put<std::int32_t>(bytes, 0);
  put(bytes, fetch_max_bytes);
  put(bytes, isolation);
  put<std::int32_t>(bytes, 1);
  put(bytes, static_cast<std::int16_t>(tp.topic.size()));
  bytes += tp.topic;
  put<std::int32_t>(bytes, 1);
  put(bytes, tp.partition);
  put(bytes, offset);
  put(bytes, fetch_max_bytes);
  return bytes;
}

/// Of one topic and partition; nothing of an answer that is an error.
std::optional<FetchedBatches> read_answer(std::string_view answer) {
  WireReader reader(answer);
  reader.number<std::int32_t>();  // correlation
  reader.number<std::int32_t>();  // throttle time
  if (reader.number<std::int32_t>() != 1) return {};
  reader.text();
  if (reader.number<std::int32_t>() != 1) return {};
  reader.number<std::int32_t>();  // partition
  if (reader.number<std::int16_t>() != 0) return {};
  FetchedBatches fetched;
  reader.number<std::int64_t>();  // high watermark
  fetched.stable_end = reader.number<std::int64_t>();
  for (auto left = reader.number<std::int32_t>(); left > 0 && reader.more(); --left) {
    const auto producer = reader.number<std::int64_t>();
    fetched.aborted.emplace_back(producer, reader.number<std::int64_t>());
  }
  const auto size = reader.number<std::int32_t>();
  fetched.records = reader.take(static_cast<std::size_t>(std::max(size, 0)));
  return fetched;
}

void skip_number(WireReader& reader) {
  while (reader.more() && reader.number<std::uint8_t>() >= 0x80) continue;
}

/// Whether the only record of a control batch says that a transaction was committed.
bool is_commit(WireReader records) {
  skip_number(records);                              // length
  records.number<std::int8_t>();                     // attributes
  for (int i = 0; i < 3; ++i) skip_number(records);  // time, offset, size of the key
  records.number<std::int16_t>();                    // version
  return records.number<std::int16_t>() == 1;
}

struct Batch {
  std::int64_t first = 0;
  std::int64_t last = 0;
  unsigned attributes = 0;
  Timestamp timestamp{};
  std::int64_t producer_id = 0;
  std::int32_t producer_epoch = 0;
  bool commits = false;
};

/// Nothing where the bytes end within a batch.
std::optional<Batch> next_batch(WireReader& reader, std::size_t left) {
  constexpr std::size_t offset_and_length = sizeof(std::int64_t) + sizeof(std::int32_t);
  if (left < offset_and_length) return {};
  Batch batch;
  batch.first = batch.last = reader.number<std::int64_t>();
  const auto length = reader.number<std::int32_t>();
  if (length < 0 || static_cast<std::size_t>(length) > left - offset_and_length) return {};
  WireReader header(reader.take(static_cast<std::size_t>(length)));
  header.number<std::int32_t>();  // leader's epoch
  if (header.number<std::int8_t>() != magic) return batch;
  header.number<std::int32_t>();  // checksum
  batch.attributes = static_cast<std::uint16_t>(header.number<std::int16_t>());
  batch.last = batch.first + header.number<std::int32_t>();
  header.number<std::int64_t>();  // time of the first
  batch.timestamp = from_unix_millis(header.number<std::int64_t>());
  batch.producer_id = header.number<std::int64_t>();
  batch.producer_epoch = header.number<std::int16_t>();
  header.number<std::int32_t>();  // sequence
  header.number<std::int32_t>();  // count
  if ((batch.attributes & control) != 0) batch.commits = is_commit(header);
  return batch;
}

/// Where the leader of a partition listens.
std::optional<std::pair<std::string, int>> leader_of(rd_kafka_t* rk, const TopicPartition& tp) {
  const Topic topic(rd_kafka_topic_new(rk, tp.topic.c_str(), nullptr));
  const struct rd_kafka_metadata* raw = nullptr;
  if (!topic || rd_kafka_metadata(rk, 0, topic.get(), &raw, call_timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const Metadata metadata(raw);
  for (int t = 0; t < metadata->topic_cnt; ++t)
    for (int p = 0; p < metadata->topics[t].partition_cnt; ++p) {
      const auto& partition = metadata->topics[t].partitions[p];
      if (partition.id != tp.partition) continue;
      for (int b = 0; b < metadata->broker_cnt; ++b)
        if (metadata->brokers[b].id == partition.leader)
          return std::pair(std::string(metadata->brokers[b].host), metadata->brokers[b].port);
    }
  return {};
}

}  // namespace

std::int64_t add_transactions(const FetchedBatches& fetched, std::int64_t begin, Spans& spans) {
  std::int64_t next = begin;
  auto aborted = fetched.aborted;
  WireReader reader(fetched.records);
  for (std::size_t left = fetched.records.size(); left > 0; left = reader.left()) {
    const auto batch = next_batch(reader, left);
    if (!batch) break;
    next = batch->last + 1;
    if ((batch->attributes & transactional) == 0 || batch->last < begin) continue;
    const auto is_its = [&](const auto& one) { return one.first == batch->producer_id && one.second <= batch->last; };
    const auto its_abort = std::ranges::find_if(aborted, is_its);
    TransactionSpan& span = spans.emplace_back();
    span.first = batch->first;
    span.last = batch->last;
    span.producer_id = batch->producer_id;
    span.producer_epoch = batch->producer_epoch;
    span.timestamp = batch->timestamp;
    span.marker = (batch->attributes & control) != 0;
    using State = TransactionSpan::State;
    if (span.marker) {
      span.state = batch->commits ? State::committed : State::aborted;
      if (its_abort != aborted.end()) aborted.erase(its_abort);
    } else {
      span.state = its_abort != aborted.end() ? State::aborted : State::committed;
      if (batch->first >= fetched.stable_end) span.state = State::open;
    }
  }
  return next;
}

Spans transactions_in(rd_kafka_t* rk, const TopicPartition& tp, std::int64_t begin, std::int64_t end) {
  Spans spans;
  const auto leader = leader_of(rk, tp);
  if (!leader) return spans;
  std::int8_t isolation = read_committed;
  for (int fetches = 0; begin < end && fetches < fetches_max; ++fetches) {
    const auto answer = exchange(leader->first, leader->second, fetch_request(tp, begin, isolation));
    const auto fetched = answer ? read_answer(*answer) : std::nullopt;
    if (!fetched) return {};
    const std::int64_t next = add_transactions(*fetched, begin, spans);
    if (next <= begin && isolation == read_uncommitted) break;
    // Behind the first open transaction a broker gives records only to who reads all.
    if (next <= begin || next >= fetched->stable_end) isolation = read_uncommitted;
    begin = std::max(next, begin);
  }
  return spans;
}

}  // namespace foodorder::kafka
