#include "page_reader.hpp"

#include "errors.hpp"
#include "offsets.hpp"
#include "to_record.hpp"
#include "transactions.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::kafka {

namespace {

using Message = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;

/// Partitions that are fetched on between two pages; each holds some MiB at most.
constexpr std::size_t kept_max = 4;
/// A smaller page is a look at some place, and no part of a longer reading.
constexpr std::size_t kept_min_records = 100;

}  // namespace

/// Fetching of one partition, while it lives.
class PageReader::Fetching {
 public:
  Fetching(Handle handle, rd_kafka_topic_t* topic, TopicPartition tp, std::int64_t offset, Isolation isolation)
      : handle_(std::move(handle)),
        topic_(topic),
        tp_(std::move(tp)),
        isolation_(isolation),
        next_(offset),
        started_(rd_kafka_consume_start(topic, tp_.partition, offset) == 0) {}
  ~Fetching() {
    if (started_) rd_kafka_consume_stop(topic_, tp_.partition);
  }
  Fetching(const Fetching&) = delete;
  Fetching& operator=(const Fetching&) = delete;

  [[nodiscard]] bool started() const noexcept { return started_; }
  [[nodiscard]] const TopicPartition& partition() const noexcept { return tp_; }
  [[nodiscard]] bool is_at(const TopicPartition& tp, std::int64_t offset, Isolation isolation) const {
    return !ended_ && next_ == offset && isolation_ == isolation && tp_ == tp;
  }

  /// Takes messages until the page is full or the log has no more.
  Result<void> fill(ReadPage& page, const ReadLimits& limits);

 private:
  Message take(int timeout_ms) {
    if (left_over_) return std::move(left_over_);
    return Message(rd_kafka_consume(topic_, tp_.partition, timeout_ms));
  }

  const Handle handle_;
  rd_kafka_topic_t* topic_;
  const TopicPartition tp_;
  const Isolation isolation_;
  std::int64_t next_;
  Message left_over_;  ///< the first of the next page
  bool ended_ = false;
  const bool started_;
};

Result<void> PageReader::Fetching::fill(ReadPage& page, const ReadLimits& limits) {
  constexpr int patience_ms = 100;
  int patience = call_timeout_ms / patience_ms;
  std::size_t bytes = 0;
  ended_ = true;  // until it is known that another page can follow
  while (page.next_offset < page.end_offset) {
    Message message = take(patience_ms);
    if (!message) {
      if (--patience > 0) continue;
      return error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, fmt::format("reading {}-{}", tp_.topic, tp_.partition));
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      page.next_offset = page.end_offset;  // what is left was compacted away
      return {};
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return error_of(message->err, fmt::format("reading {}-{}", tp_.topic, tp_.partition));
    auto record = to_record(*message);
    bytes += size_in_bytes(*record);
    // One record always fits, or a page could be empty before the end.
    const bool full = page.records.size() >= limits.records_max || bytes > limits.bytes_max;
    if (full && !page.records.empty()) {
      left_over_ = std::move(message);
      break;
    }
    page.next_offset = message->offset + 1;
    page.records.emplace_back(Position(tp_, message->offset), std::move(record));
  }
  ended_ = page.next_offset >= page.end_offset;
  next_ = page.next_offset;
  return {};
}

PageReader::PageReader(std::shared_ptr<Client> client) : client_(std::move(client)) {}

PageReader::~PageReader() {
  kept_.clear();
  for (Side* side : {&committed_, &uncommitted_}) {
    side->topics.clear();
    client_->destroy_off_loop(std::move(side->handle));
  }
}

PageReader::Side& PageReader::side(Isolation isolation) {
  const bool committed = isolation == Isolation::committed;
  Side& side = committed ? committed_ : uncommitted_;
  const auto& settings = client_->settings();
  if (!side.handle)
    side.handle = make_member_handle(committed ? settings.admin_consumer() : settings.uncommitted_reader());
  return side;
}

/// One partition is fetched once at a time: another place of it ends what was kept.
std::unique_ptr<PageReader::Fetching> PageReader::fetching_from(const TopicPartition& tp, std::int64_t offset,
                                                                Isolation isolation) {
  const auto going_on = std::ranges::find_if(kept_, [&](const auto& it) { return it->is_at(tp, offset, isolation); });
  if (going_on != kept_.end()) {
    auto found = std::move(*going_on);
    kept_.erase(going_on);
    return found;
  }
  kept_.remove_if([&](const auto& it) { return it->partition() == tp; });
  Side& from = side(isolation);
  Topic& topic = from.topics[tp.topic];
  if (!topic) topic.reset(rd_kafka_topic_new(from.handle.get(), tp.topic.c_str(), nullptr));
  return std::make_unique<Fetching>(from.handle, topic.get(), tp, offset, isolation);
}

/// An empty page: where the log begins and ends, and from where on it can be read.
Result<ReadPage> PageReader::look(const TopicPartition& tp, std::int64_t offset, Isolation isolation) {
  rd_kafka_t* rk = side(isolation).handle.get();
  const bool goes_on = std::ranges::any_of(kept_, [&](const auto& it) { return it->is_at(tp, offset, isolation); });
  if (!goes_on) {
    const auto there = check_partitions(rk, {tp});
    if (!there) return there.error();
  }
  // That the offsets are asked for each time wakes librdkafka's thread, too: before 2.2 it rests for a second once
  // enough is fetched. rd_kafka_query_watermark_offsets() would wait for minutes for a broker that was killed.
  const auto logs = ranges(rk, {tp});
  if (!logs) return logs.error();
  const Range range = logs->at(tp);
  ReadPage page;
  page.start_offset = range.start;
  page.end_offset = range.end;
  page.next_offset = std::min(std::max(offset, range.start), range.end);
  return page;
}

Result<ReadPage> PageReader::read(const TopicPartition& tp, std::int64_t offset, const ReadLimits& limits) {
  auto looked = look(tp, offset, limits.isolation);
  if (!looked || looked->next_offset >= looked->end_offset) return looked;
  ReadPage page = std::move(*looked);
  const std::int64_t begin = page.next_offset;
  auto fetching = fetching_from(tp, begin, limits.isolation);
  if (!fetching->started())
    return error_of(rd_kafka_last_error(), fmt::format("reading {}-{}", tp.topic, tp.partition));
  const auto filled = fetching->fill(page, limits);
  if (!filled) return filled.error();
  if (limits.records_max >= kept_min_records && page.next_offset < page.end_offset) {
    kept_.push_back(std::move(fetching));
    if (kept_.size() > kept_max) kept_.pop_front();
  }
  if (limits.isolation == Isolation::uncommitted && client_->knows_topic_ids())
    page.transactions = transactions_in(side(limits.isolation).handle.get(), tp, begin, page.next_offset);
  return page;
}

}  // namespace foodorder::kafka
