#include "feed_slots.hpp"

#include "conditions.hpp"
#include "foodorder/base/concat.hpp"

#include <fmt/format.h>
#include <limits>

namespace foodorder::order {

FeedSlots::FeedSlots(std::span<const Topic> topics) {
  for (const Topic& topic : topics)
    if (topic.on_events()) add(topic);
  shown_ = slots_.size();
  for (const Topic& topic : topics)
    if (topic.about_orders && !topic.on_events()) add(topic);
}

void FeedSlots::add(const Topic& topic) {
  for (std::int32_t partition = 0; partition < topic.partitions; ++partition) {
    const std::string first = concat(slots_.empty() ? ":" : ";", topic.name, "=");
    slots_.push_back({TopicPartition(topic.name, partition), topic.event_type, partition == 0 ? first : ","});
  }
}

std::vector<TopicPartition> FeedSlots::partitions(std::size_t count) const {
  std::vector<TopicPartition> partitions;
  for (std::size_t slot = 0; slot < count; ++slot) partitions.push_back(partition(slot));
  return partitions;
}

std::vector<std::string> FeedSlots::topics(std::size_t count) const {
  std::vector<std::string> topics;
  for (std::size_t slot = 0; slot < count; ++slot)
    if (partition(slot).partition == 0) topics.push_back(partition(slot).topic);
  return topics;
}

std::optional<std::size_t> FeedSlots::find(const TopicPartition& partition) const noexcept {
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    const TopicPartition& known = slots_[slot].partition;  // the number first: it differs more often
    if (known.partition == partition.partition && known.topic == partition.topic) return slot;
  }
  return {};
}

std::string FeedSlots::to_event_id(std::string_view log_id, const SlotOffsets& next) const {
  return std::string(EventIdWriter(*this, log_id).write(next));
}

std::optional<FeedPosition> FeedSlots::parse_event_id(std::string_view id) const {
  const std::size_t log_end = id.rfind(slots_.front().before);
  if (log_end == std::string_view::npos) return {};
  FeedPosition position(std::string(id.substr(0, log_end)), SlotOffsets(shown_));
  std::string_view rest = id.substr(log_end);
  for (std::size_t slot = 0; slot < shown_; ++slot) {
    if (!rest.starts_with(slots_[slot].before)) return {};
    rest.remove_prefix(slots_[slot].before.size());
    const std::string_view digits = rest.substr(0, rest.find_first_not_of("0123456789"));
    const auto offset = whole_number(digits, 0, std::numeric_limits<std::int64_t>::max() - 1);
    if (!offset) return {};
    position.next[slot] = *offset;
    rest.remove_prefix(digits.size());
  }
  if (!rest.empty()) return {};
  return position;
}

EventIdWriter::EventIdWriter(const FeedSlots& slots, std::string_view log_id)
    : slots_(slots), written_(slots.shown(), -1), begins_(slots.shown(), log_id.size()) {
  text_ += log_id;
}

std::string_view EventIdWriter::write(const SlotOffsets& next) {
  std::size_t slot = 0;
  while (slot < slots_.shown() && written_[slot] == next[slot]) ++slot;
  if (slot < slots_.shown()) text_.cut(begins_[slot]);
  for (; slot < slots_.shown(); ++slot) {
    begins_[slot] = text_.size();
    append(text_, slots_.before_offset(slot), fmt::format_int(next[slot]));
    written_[slot] = next[slot];
  }
  return text_.view();
}

}  // namespace foodorder::order
