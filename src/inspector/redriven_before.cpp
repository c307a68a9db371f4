#include "redriven_before.hpp"

#include "foodorder/base/number.hpp"
#include "foodorder/base/yield.hpp"

#include <algorithm>

namespace foodorder::inspector {

namespace {

// Who writes letters and who redrives may have different clocks. Larger than what their clocks differ by, smaller than
// the time in which somebody deletes orders-dlq, makes it again, and has new letters at the same offsets.
constexpr Duration clocks_differ_max = std::chrono::seconds(5);

}  // namespace

Task<Result<void>> RedrivenBefore::look_for(std::vector<const Letter*> letters,
                                            const std::vector<TopicDescription>& topics) {
  std::map<std::string, Sought> by_topic;
  for (const Letter* letter : letters)
    if (letter->topic) by_topic[*letter->topic].emplace(letter->read.position.offset, letter);
  for (const auto& [name, sought] : by_topic) {
    const auto topic = std::find_if(topics.begin(), topics.end(), [&](const auto& it) { return it.name == name; });
    if (topic == topics.end()) continue;
    Timestamp first = Timestamp::max();
    for (const auto& [offset, letter] : sought) first = std::min(first, letter->read.record->timestamp);
    std::vector<TopicPartition> partitions;
    for (const PartitionDescription& one : topic->partitions) partitions.emplace_back(name, one.partition);
    const Where since = Where::at_time(std::max(first, Timestamp() + clocks_differ_max) - clocks_differ_max);
    const auto starts = co_await admin_.resolve(std::move(partitions), since);
    if (!starts) co_return starts.error();
    std::int64_t left = look_max_records;
    for (const Position& start : *starts) {
      const Result<void> looked = co_await look_in(start.tp, start.offset, sought, left);
      if (!looked) co_return looked.error();
    }
  }
  co_return Result<void>();
}

Task<Result<void>> RedrivenBefore::look_in(TopicPartition tp, std::int64_t offset, const Sought& sought,
                                           std::int64_t& left) {
  ReadLimits limits;
  limits.isolation = Isolation::uncommitted;  // a stranger's open transaction hides nothing
  for (;;) {
    co_await yield();
    const auto page = co_await admin_.read(tp, offset, limits);
    if (!page) co_return page.error();
    for (const ConsumerRecord& record : page->records) look_at(record, sought);
    const bool at_end = page->next_offset <= offset || page->next_offset >= page->end_offset;
    if (at_end) co_return Result<void>();
    offset = page->next_offset;
    left -= static_cast<std::int64_t>(page->records.size());
    if (left > 0) continue;
    cut_short_.insert(tp.topic);
    co_return Result<void>();
  }
}

void RedrivenBefore::look_at(const ConsumerRecord& record, const Sought& sought) {
  const auto text = find_header(record.record->headers, redrive_offset);
  const auto offset = text ? parse_number<std::int64_t>(*text) : std::nullopt;
  const auto letter = offset ? sought.find(*offset) : sought.end();
  if (letter == sought.end()) return;
  // A letter cannot have been sent before it was there: that one was at this offset of an earlier orders-dlq.
  if (record.record->timestamp + clocks_differ_max < letter->second->read.record->timestamp) return;
  found_.try_emplace(*offset, record.position);
}

const Position* RedrivenBefore::find(std::int64_t offset) const {
  const auto place = found_.find(offset);
  return place == found_.end() ? nullptr : &place->second;
}

}  // namespace foodorder::inspector
