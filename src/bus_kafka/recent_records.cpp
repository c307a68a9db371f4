#include "recent_records.hpp"

#include "to_record.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace foodorder::kafka {

namespace {

constexpr std::size_t record_max_bytes = 2048;

std::size_t hash_of(const Position& position) {
  const std::size_t topic = std::hash<std::string>()(position.tp.topic);
  // Records that follow each other do not push each other out.
  return topic + static_cast<std::size_t>(position.tp.partition) * 0x9e3779b97f4a7c15U +
         static_cast<std::size_t>(position.offset);
}

bool same_bytes(const Record::Bytes& text, const void* bytes, std::size_t size) {
  if (!text || !bytes) return !text && !bytes;
  return *text == std::string_view(static_cast<const char*>(bytes), size);
}

/// A topic that was deleted and made again has other records at the same places.
bool is_made_of(const Record& record, const rd_kafka_message_t& message) {
  return record.timestamp == timestamp_of(message) && same_bytes(record.key(), message.key, message.key_len) &&
         same_bytes(record.value(), message.payload, message.len);
}

}  // namespace

RecentRecords::Slot& RecentRecords::slot_of(const Position& position) {
  return slots_[hash_of(position) % slots_.size()];
}

std::shared_ptr<const Record> RecentRecords::get(const Position& from, const rd_kafka_message_t& message) {
  const Slot& slot = slot_of(from);
  if (slot.record && slot.position == from && is_made_of(*slot.record, message)) return slot.record;
  auto record = to_record(message);
  put(from, record);
  return record;
}

void RecentRecords::put(const Position& at, const std::shared_ptr<const Record>& record) {
  if (size_in_bytes(*record) > record_max_bytes) return;
  Slot& slot = slot_of(at);
  slot.position = at;
  slot.record = record;
}

}  // namespace foodorder::kafka
