#pragma once

#include "foodorder/base/ids.hpp"
#include "foodorder/base/time.hpp"
#include "foodorder/base/traceparent.hpp"
#include "foodorder/bus/header_names.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace foodorder {

/// The value of a header as a record shows it: seen in place, good until its Headers change, or a text of its own.
class HeaderText {
 public:
  HeaderText(std::string_view in_place) noexcept : in_place_(in_place.data()), size_(in_place.size()) {}
  HeaderText(const std::string& in_place) noexcept : HeaderText(std::string_view(in_place)) {}
  HeaderText(const char* in_place) noexcept : HeaderText(std::string_view(in_place)) {}
  template <std::size_t size>
  HeaderText(const FixedText<size>& own) noexcept : size_(size) {
    static_assert(size <= own_max);
    own.view().copy(own_.data(), size);
  }
  explicit HeaderText(std::int64_t number) noexcept;

  [[nodiscard]] std::string_view view() const noexcept { return {in_place_ ? in_place_ : own_.data(), size_}; }
  operator std::string_view() const noexcept { return view(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  template <std::convertible_to<std::string_view> Text>
  friend bool operator==(const HeaderText& text, const Text& other) noexcept {
    return text.view() == std::string_view(other);
  }

 private:
  static constexpr std::size_t own_max = 55;  // of a traceparent

  const char* in_place_ = nullptr;
  std::size_t size_;
  std::array<char, own_max> own_;
};

/// A header of a record. Values are bytes and may be absent, as in Kafka.
struct Header {
  Header(std::string_view header_name, std::optional<HeaderText> header_value) noexcept
      : name(header_name), value(header_value) {}

  bool operator==(const Header&) const = default;

  std::string_view name;
  std::optional<HeaderText> value;
};

/// What every record of ours carries, as values.
struct Envelope {
  Uuid id;
  std::string_view source;
  std::string_view type;
  Timestamp time;
  Traceparent trace;
};

/// The headers of a record. Names may repeat and keep their order. All lie in one block of memory: a record has about
/// eight and is kept for long, and separate strings would take most of its memory. A name that has a number takes one
/// byte, and a value of such a name that is an id, a time, a traceparent or a number is kept as that: a text is made of
/// it where the record leaves the process or is shown, the same as was added.
class Headers {
 public:
  class Iterator;

  Headers() = default;
  Headers(std::initializer_list<Header> list) {
    for (const Header& header : list) add(header);
  }
  /// With room for `more_bytes` of other headers.
  explicit Headers(const Envelope& envelope, std::size_t more_bytes = 0);

  void add(const Header& header) { add(header.name, header.value); }
  void add(std::string_view name, std::optional<std::string_view> value) { add(HeaderName(name), value); }
  void add(const HeaderName& name, std::optional<std::string_view> value);
  void add(const HeaderName& name, const Uuid& value);
  void add(const HeaderName& name, std::int64_t value);
  /// Gives each header of that name this value.
  void replace(std::string_view name, std::optional<std::string_view> value);
  void remove(const HeaderName& name);

  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] Iterator begin() const noexcept;
  [[nodiscard]] Iterator end() const noexcept;
  /// Of names, the texts of values, and their sizes, as a log on a disk has them.
  [[nodiscard]] std::size_t size_in_bytes() const noexcept { return size_in_bytes_; }

  /// Points to the last header of that name. Is end() if no header has the name.
  [[nodiscard]] Iterator find(const HeaderName& name) const noexcept;

  bool operator==(const Headers&) const = default;

 private:
  char* grow(const HeaderName& name, std::size_t bytes, std::size_t logged);

  std::string bytes_;
  std::uint32_t numbers_ = 0;  ///< a bit for each number of a name that is there, and one for names that repeat
  std::uint32_t size_in_bytes_ = 0;
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

  Header operator*() const noexcept { return Header(name(), value()); }
  Iterator& operator++() noexcept;
  Iterator operator++(int) noexcept {
    Iterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Iterator&) const = default;

  [[nodiscard]] HeaderName name() const noexcept;
  [[nodiscard]] std::optional<HeaderText> value() const noexcept;
  // The value, if it is kept as such.
  [[nodiscard]] std::optional<Uuid> uuid() const noexcept;
  [[nodiscard]] std::optional<Timestamp> time() const noexcept;
  [[nodiscard]] std::optional<Traceparent> traceparent() const noexcept;
  [[nodiscard]] std::optional<std::int64_t> number() const noexcept;

 private:
  const char* at_ = nullptr;
};

inline Headers::Iterator Headers::begin() const noexcept { return Iterator(bytes_.data()); }
inline Headers::Iterator Headers::end() const noexcept { return Iterator(bytes_.data() + bytes_.size()); }

/// Gives the value of the last header of that name (Kafka's lastHeader). Gives nothing if no header has the name, or if
/// the value is null.
inline std::optional<HeaderText> find_header(const Headers& headers, const HeaderName& name) noexcept {
  const Headers::Iterator found = headers.find(name);
  return found == headers.end() ? std::nullopt : found.value();
}
inline std::optional<HeaderText> find_header(const Headers& headers, std::string_view name) noexcept {
  return find_header(headers, HeaderName(name));
}
/// The same as a decimal number.
std::optional<std::int64_t> find_number(const Headers& headers, const HeaderName& name) noexcept;
// The same as a value, if it is kept as one.
std::optional<Uuid> find_uuid(const Headers& headers, const HeaderName& name) noexcept;
std::optional<Timestamp> find_time(const Headers& headers, const HeaderName& name) noexcept;
std::optional<Traceparent> find_traceparent(const Headers& headers) noexcept;

}  // namespace foodorder
