#pragma once

#include "foodorder/base/time.hpp"
#include "foodorder/bus/headers.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace foodorder {

/// A record is a message of a log. A record without a value is a tombstone; an empty value is a value. Keys, values and
/// header values are bytes. Key and value lie in one block of memory, because a log keeps many records.
class Record {
 public:
  using Bytes = std::optional<std::string_view>;

  Record() = default;
  /// Copies the bytes, which are less than 4 GB each.
  Record(Bytes key, Bytes value, Headers record_headers = {});
  Record(const Record& other);
  /// Leaves a record without key and value.
  Record(Record&& other) noexcept;
  Record& operator=(const Record& other) { return *this = Record(other); }
  Record& operator=(Record&& other) noexcept;
  ~Record() = default;

  bool operator==(const Record& other) const noexcept;

  // These views are good until the record is assigned to or destroyed. A record that is moved takes its bytes along.
  [[nodiscard]] Bytes key() const noexcept { return part(0, key_size_); }
  [[nodiscard]] Bytes value() const noexcept { return part(key_size_ == none ? 0 : key_size_, value_size_); }

  Headers headers;
  /// CreateTime. Zero in a record to be sent means now. Logs keep milliseconds.
  Timestamp timestamp{};

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  [[nodiscard]] Bytes part(std::size_t begin, std::uint32_t size) const noexcept {
    return size == none ? Bytes() : std::string_view(bytes_.get() + begin, size);
  }

  std::unique_ptr<char[]> bytes_;  ///< of the key, then of the value
  std::uint32_t key_size_ = none;
  std::uint32_t value_size_ = none;
};

/// The record's bytes as retention counts them: key, value, headers and a fixed overhead.
std::size_t size_in_bytes(const Record& record) noexcept;

struct TopicPartition {
  TopicPartition() = default;
  TopicPartition(std::string topic_name, std::int32_t partition_index)
      : topic(std::move(topic_name)), partition(partition_index) {}

  auto operator<=>(const TopicPartition&) const = default;

  std::string topic;
  std::int32_t partition = 0;
};

/// A place in a log: of a record that was written, or of the next one to be read; each use says which.
struct Position {
  Position() = default;
  Position(const TopicPartition& where, std::int64_t at) : tp(where), offset(at) {}
  Position(TopicPartition&& where, std::int64_t at) : tp(std::move(where)), offset(at) {}

  auto operator<=>(const Position&) const = default;

  TopicPartition tp;
  std::int64_t offset = 0;
};

/// A record as it was read. Readers share it; nobody changes it.
struct ConsumerRecord {
  ConsumerRecord(Position at, std::shared_ptr<const Record> read) : position(std::move(at)), record(std::move(read)) {}
  ConsumerRecord(const TopicPartition& where, std::int64_t offset, std::shared_ptr<const Record> read)
      : position(where, offset), record(std::move(read)) {}

  Position position;  ///< the record's own offset; the next one to read is one higher at least
  std::shared_ptr<const Record> record;
};

/// Where to start reading or to move a group to: a place by its meaning, resolved by Admin::resolve().
struct Where {
  enum class Kind { beginning, end, offset, time };

  static Where beginning() { return Where(Kind::beginning, 0); }
  static Where end() { return Where(Kind::end, 0); }
  static Where at_offset(std::int64_t offset) { return Where(Kind::offset, offset); }
  /// The first record whose timestamp is at or after `time`; the end if there is none.
  static Where at_time(Timestamp time) { return Where(Kind::time, to_unix_millis(time)); }

  bool operator==(const Where&) const = default;

  Kind kind;
  std::int64_t value;  ///< offset, or milliseconds since the Unix epoch

 private:
  Where(Kind the_kind, std::int64_t the_value) : kind(the_kind), value(the_value) {}
};

}  // namespace foodorder
