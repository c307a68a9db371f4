#include "page_reader.hpp"

#include "errors.hpp"
#include "offsets.hpp"
#include "to_record.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::kafka {

namespace {

using Message = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;

/// Fetching of one partition, while it lives.
class Fetching {
 public:
  Fetching(rd_kafka_topic_t* topic, std::int32_t partition, std::int64_t offset)
      : topic_(topic), partition_(partition), started_(rd_kafka_consume_start(topic, partition, offset) == 0) {}
  ~Fetching() {
    if (started_) rd_kafka_consume_stop(topic_, partition_);
  }
  Fetching(const Fetching&) = delete;
  Fetching& operator=(const Fetching&) = delete;

  [[nodiscard]] bool started() const noexcept { return started_; }
  Message next(int timeout_ms) { return Message(rd_kafka_consume(topic_, partition_, timeout_ms)); }

 private:
  rd_kafka_topic_t* topic_;
  std::int32_t partition_;
  bool started_;
};

/// Takes messages until the page is full or the log has no more.
Result<void> fill(ReadPage& page, Fetching& fetching, const TopicPartition& tp, const ReadLimits& limits) {
  constexpr int patience_ms = 100;
  int patience = call_timeout_ms / patience_ms;
  std::size_t bytes = 0;
  while (page.next_offset < page.end_offset) {
    const Message message = fetching.next(patience_ms);
    if (!message) {
      if (--patience > 0) continue;
      return error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, fmt::format("reading {}-{}", tp.topic, tp.partition));
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      page.next_offset = page.end_offset;  // what is left was compacted away
      return {};
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return error_of(message->err, fmt::format("reading {}-{}", tp.topic, tp.partition));
    auto record = to_record(*message);
    bytes += size_in_bytes(*record);
    // One record always fits, or a page could be empty before the end.
    const bool full = page.records.size() >= limits.records_max || bytes > limits.bytes_max;
    if (full && !page.records.empty()) return {};
    page.records.emplace_back(Position(tp, message->offset), std::move(record));
    page.next_offset = message->offset + 1;
  }
  return {};
}

}  // namespace

PageReader::~PageReader() {
  topics_.clear();
  client_->retire(std::move(handle_));
}

Result<ReadPage> PageReader::read(const TopicPartition& tp, std::int64_t offset, const ReadLimits& limits) {
  if (!handle_) handle_ = make_member_handle(client_->settings().admin_consumer());
  const auto there = check_partitions(handle_.get(), {tp});
  if (!there) return there.error();
  const auto logs = ranges(handle_.get(), {tp});
  if (!logs) return logs.error();
  const Range range = logs->at(tp);
  ReadPage page;
  page.start_offset = range.start;
  page.end_offset = range.end;
  page.next_offset = std::max(offset, range.start);
  if (page.next_offset >= range.end) {
    page.next_offset = range.end;
    return page;
  }
  Topic& topic = topics_[tp.topic];
  if (!topic) topic.reset(rd_kafka_topic_new(handle_.get(), tp.topic.c_str(), nullptr));
  Fetching fetching(topic.get(), tp.partition, page.next_offset);
  if (!fetching.started()) return error_of(rd_kafka_last_error(), fmt::format("reading {}-{}", tp.topic, tp.partition));
  const auto filled = fill(page, fetching, tp, limits);
  if (!filled) return filled.error();
  return page;
}

}  // namespace foodorder::kafka
