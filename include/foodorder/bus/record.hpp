#pragma once

#include "foodorder/base/time.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace foodorder {

/// A header of a record, seen in place: good until its Headers change. Values are bytes and may be absent, as in Kafka.
struct Header {
  Header(std::string_view header_name, std::optional<std::string_view> header_value) noexcept
      : name(header_name), value(header_value) {}

  bool operator==(const Header&) const = default;

  std::string_view name;
  std::optional<std::string_view> value;
};

/// The headers of a record. Names may repeat and keep their order. All lie in one block of memory: a record has about
/// eight and is kept for long, and separate strings would take most of its memory.
class Headers {
 public:
  class Iterator;

  Headers() = default;
  Headers(std::initializer_list<Header> list) { add(list); }

  void add(const Header& header) { add({header}); }
  /// Several at once cost less than one after the other.
  void add(std::initializer_list<Header> list);
  void add(std::string_view name, std::optional<std::string_view> value) { add(Header(name, value)); }
  /// Gives each header of that name this value.
  void replace(std::string_view name, std::optional<std::string_view> value);
  /// Makes room for names and values of so many bytes.
  void reserve(std::size_t headers, std::size_t bytes) { bytes_.reserve(headers * prefix_bytes + bytes); }

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] Iterator begin() const noexcept;
  [[nodiscard]] Iterator end() const noexcept;
  /// Of names, values and their sizes.
  [[nodiscard]] std::size_t size_in_bytes() const noexcept { return bytes_.size(); }

  bool operator==(const Headers&) const = default;

 private:
  /// Before each: the size of its name and that of its value, -1 for none.
  using Size = std::int32_t;
  static constexpr std::size_t prefix_bytes = 2 * sizeof(Size);

  std::string bytes_;
  std::size_t count_ = 0;
};

class Headers::Iterator {
 public:
  using value_type = Header;
  using reference = Header;
  using pointer = void;
  using difference_type = std::ptrdiff_t;
  using iterator_category = std::input_iterator_tag;
  using iterator_concept = std::forward_iterator_tag;

  Iterator() = default;
  explicit Iterator(const char* at) noexcept : at_(at) {}

  Header operator*() const noexcept {
    const char* name = at_ + prefix_bytes;
    const auto name_size = static_cast<std::size_t>(size_at(0));
    const Size value_size = size_at(1);
    if (value_size < 0) return {std::string_view(name, name_size), std::nullopt};
    return {std::string_view(name, name_size),
            std::string_view(name + name_size, static_cast<std::size_t>(value_size))};
  }
  Iterator& operator++() noexcept {
    at_ += prefix_bytes + static_cast<std::size_t>(size_at(0)) + static_cast<std::size_t>(std::max(size_at(1), 0));
    return *this;
  }
  Iterator operator++(int) noexcept {
    Iterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Iterator&) const = default;

  [[nodiscard]] bool has_name(std::string_view name) const noexcept {
    return static_cast<std::size_t>(size_at(0)) == name.size() &&
           std::string_view(at_ + prefix_bytes, name.size()) == name;
  }

 private:
  [[nodiscard]] Size size_at(std::size_t index) const noexcept {
    Size size = 0;
    std::memcpy(&size, at_ + index * sizeof(Size), sizeof(Size));
    return size;
  }

  const char* at_ = nullptr;
};

inline Headers::Iterator Headers::begin() const noexcept { return Iterator(bytes_.data()); }
inline Headers::Iterator Headers::end() const noexcept { return Iterator(bytes_.data() + bytes_.size()); }

/// The value of the last header of that name (Kafka's lastHeader), or nothing if there is none or it is null.
std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) noexcept;

/// What is written to a log. No value is a tombstone; an empty value is a value. Keys, values and header
/// values are bytes.
struct Record {
  Record() = default;
  Record(std::optional<std::string> record_key, std::optional<std::string> record_value, Headers record_headers = {})
      : key(std::move(record_key)), value(std::move(record_value)), headers(std::move(record_headers)) {}

  bool operator==(const Record&) const = default;

  std::optional<std::string> key;
  std::optional<std::string> value;
  Headers headers;
  /// CreateTime. Zero in a record to be sent means now. Logs keep milliseconds.
  Timestamp timestamp{};
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
