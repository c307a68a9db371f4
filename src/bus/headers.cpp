#include "foodorder/bus/headers.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace foodorder {

namespace {

// A header begins with a byte: the number of its name, and above it the form of its value. A name without a number, and
// a text, stand there as their size and their bytes, the name first; other forms as their bytes.
enum class Form : std::uint8_t { text, null, uuid, time, traceparent, number };
constexpr unsigned number_bits = 5;
static_assert(headers::numbered.size() < (1U << number_bits));

using Size = std::uint32_t;

constexpr char tag_of(const HeaderName& name, Form form) noexcept {
  return static_cast<char>(name.number() | static_cast<unsigned>(form) << number_bits);
}
unsigned number_at(const char* at) noexcept { return static_cast<unsigned char>(*at) & ((1U << number_bits) - 1); }
Form form_at(const char* at) noexcept { return static_cast<Form>(static_cast<unsigned char>(*at) >> number_bits); }

/// What a value takes: of a Traceparent without the padding behind its last member.
template <class Value>
constexpr std::size_t bytes_of = sizeof(Value);
template <>
constexpr std::size_t bytes_of<Traceparent> = offsetof(Traceparent, flags) + 1;

template <class Value>
Value read(const char* at) noexcept {
  Value value;
  std::memcpy(static_cast<void*>(&value), at, bytes_of<Value>);
  return value;
}

/// A text of any size.
std::string_view text_at(const char* at) noexcept { return {at + sizeof(Size), read<Size>(at)}; }
constexpr std::size_t room_of(std::string_view text) noexcept { return sizeof(Size) + text.size(); }

const char* value_at(const char* at) noexcept { return at + 1 + (number_at(at) == 0 ? room_of(text_at(at + 1)) : 0); }

/// What the value takes, by its form; of a text it stands before it.
constexpr std::array<std::uint8_t, 6> fixed_sizes = {
    0, 0, bytes_of<Uuid>, bytes_of<Timestamp>, bytes_of<Traceparent>, bytes_of<std::int64_t>};

const char* next_after(const char* at) noexcept {
  const char* const value = value_at(at);
  const Form form = form_at(at);
  return value + (form == Form::text ? room_of(text_at(value)) : fixed_sizes[static_cast<std::size_t>(form)]);
}

/// Writes headers one after the other into room that is there.
class Writer {
 public:
  explicit Writer(char* at) noexcept : at_(at) {}

  template <class Value>
  void value(const HeaderName& name, Form form, const Value& value) noexcept {
    tag(name, form);
    std::memcpy(at_, &value, bytes_of<Value>);
    at_ += bytes_of<Value>;
  }
  void text(const HeaderName& name, std::string_view text) noexcept {
    tag(name, Form::text);
    put(text);
  }
  void null(const HeaderName& name) noexcept { tag(name, Form::null); }

 private:
  void tag(const HeaderName& name, Form form) noexcept {
    *at_++ = tag_of(name, form);
    if (name.number() == 0) put(name.text());
  }
  void put(std::string_view text) noexcept {
    const auto size = static_cast<Size>(text.size());
    std::memcpy(at_, &size, sizeof size);
    at_ = std::copy(text.begin(), text.end(), at_ + sizeof size);
  }

  char* at_;
};

std::uint32_t bit_of(const HeaderName& name) noexcept { return 1U << name.number(); }
/// Some name may be there twice.
constexpr std::uint32_t repeats_bit = 1U << 31U;

/// In a log on a disk, where a number of bytes stands before the name and before the value.
std::uint32_t logged_size(const HeaderName& name, std::size_t value_size) noexcept {
  return static_cast<std::uint32_t>(2 * sizeof(Size) + name.text().size() + value_size);
}

constexpr std::string_view spec_version = "1.0";
constexpr std::size_t uuid_text_size = 36;
constexpr std::size_t time_text_size = 27;
constexpr std::size_t traceparent_text_size = 55;

std::optional<std::int64_t> parse_number(std::string_view text) noexcept {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<Timestamp> parse_time(std::string_view text) noexcept {
  const auto time = parse_iso(text);
  return time && to_iso_micros(*time) == text ? time : std::nullopt;
}

}  // namespace

HeaderName::HeaderName(std::string_view text) noexcept : text_(text), number_(0), kind_(HeaderKind::text) {
  for (const HeaderName& known : headers::numbered)
    if (known.text() == text) *this = known;
}

HeaderText::HeaderText(std::int64_t number) noexcept {
  const fmt::format_int text(number);
  std::copy_n(text.data(), text.size(), own_.data());
  size_ = text.size();
}

Headers::Headers(const Envelope& envelope, std::size_t more_bytes) {
  using namespace headers;
  const std::size_t texts = room_of(envelope.source) + room_of(envelope.type) + room_of(spec_version);
  const std::size_t bytes = 6 + bytes_of<Uuid> + bytes_of<Timestamp> + bytes_of<Traceparent> + texts;
  bytes_.reserve(bytes + more_bytes);
  bytes_.resize(bytes);
  Writer writer(bytes_.data());
  writer.value(ce_id, Form::uuid, envelope.id);
  writer.text(ce_source, envelope.source);
  writer.text(ce_type, envelope.type);
  writer.text(ce_specversion, spec_version);
  writer.value(ce_time, Form::time, envelope.time);
  writer.value(traceparent, Form::traceparent, envelope.trace);
  numbers_ = bit_of(ce_id) | bit_of(ce_source) | bit_of(ce_type) | bit_of(ce_specversion) | bit_of(ce_time) |
             bit_of(traceparent);
  size_in_bytes_ = logged_size(ce_id, uuid_text_size) + logged_size(ce_source, envelope.source.size()) +
                   logged_size(ce_type, envelope.type.size()) + logged_size(ce_specversion, spec_version.size()) +
                   logged_size(ce_time, time_text_size) + logged_size(traceparent, traceparent_text_size);
}

/// Room for one more, whose value takes `bytes`, and `logged` as a text.
char* Headers::grow(const HeaderName& name, std::size_t bytes, std::size_t logged) {
  const std::size_t before = bytes_.size();
  bytes_.resize(before + 1 + (name.number() == 0 ? room_of(name.text()) : 0) + bytes);
  const std::uint32_t bit = bit_of(name);
  numbers_ |= bit | ((numbers_ & bit) != 0 ? repeats_bit : 0);
  size_in_bytes_ += logged_size(name, logged);
  return bytes_.data() + before;
}

void Headers::add(const HeaderName& name, const Uuid& value) {
  Writer(grow(name, bytes_of<Uuid>, uuid_text_size)).value(name, Form::uuid, value);
}

void Headers::add(const HeaderName& name, std::int64_t value) {
  Writer(grow(name, bytes_of<std::int64_t>, HeaderText(value).size())).value(name, Form::number, value);
}

void Headers::add(const HeaderName& name, std::optional<std::string_view> text) {
  if (!text) return Writer(grow(name, 0, 0)).null(name);
  switch (name.kind()) {
    case HeaderKind::uuid:
      if (const auto uuid = Uuid::parse(*text)) return add(name, *uuid);
      break;
    case HeaderKind::time:
      if (const auto time = parse_time(*text))
        return Writer(grow(name, bytes_of<Timestamp>, text->size())).value(name, Form::time, *time);
      break;
    case HeaderKind::traceparent:
      if (const auto trace = Traceparent::parse(*text))
        return Writer(grow(name, bytes_of<Traceparent>, text->size())).value(name, Form::traceparent, *trace);
      break;
    case HeaderKind::number:
      if (const auto number = parse_number(*text); number && HeaderText(*number) == *text) return add(name, *number);
      break;
    case HeaderKind::text:
      break;
  }
  Writer(grow(name, room_of(*text), text->size())).text(name, *text);
}

void Headers::replace(std::string_view name, std::optional<std::string_view> value) {
  Headers replaced;
  for (const Header& header : *this)
    if (header.name == name)
      replaced.add(header.name, value);
    else
      replaced.add(header);
  *this = std::move(replaced);
}

void Headers::remove(const HeaderName& name) {
  Headers kept;
  for (const Header& header : *this)
    if (header.name != name) kept.add(header);
  *this = std::move(kept);
}

std::size_t Headers::size() const noexcept { return static_cast<std::size_t>(std::distance(begin(), end())); }

Headers::Iterator Headers::find(const HeaderName& name) const noexcept {
  const char* const end = bytes_.data() + bytes_.size();
  const char* last = end;
  if ((numbers_ & bit_of(name)) == 0) return Iterator(end);
  const bool first_is_last = (numbers_ & repeats_bit) == 0;
  for (const char* at = bytes_.data(); at != end; at = next_after(at)) {
    if (number_at(at) != name.number() || (name.number() == 0 && text_at(at + 1) != name.text())) continue;
    last = at;
    if (first_is_last) break;
  }
  return Iterator(last);
}

Headers::Iterator& Headers::Iterator::operator++() noexcept {
  at_ = next_after(at_);
  return *this;
}

HeaderName Headers::Iterator::name() const noexcept {
  const unsigned number = number_at(at_);
  return number == 0 ? HeaderName(text_at(at_ + 1)) : headers::numbered[number - 1];
}

std::optional<HeaderText> Headers::Iterator::value() const noexcept {
  const char* const value = value_at(at_);
  switch (form_at(at_)) {
    case Form::text:
      return HeaderText(text_at(value));
    case Form::null:
      return {};
    case Form::uuid:
      return HeaderText(read<Uuid>(value).text());
    case Form::time:
      return HeaderText(to_iso_micros(read<Timestamp>(value)));
    case Form::traceparent:
      return HeaderText(read<Traceparent>(value).text());
    case Form::number:
      return HeaderText(read<std::int64_t>(value));
  }
  return {};
}

std::optional<Uuid> Headers::Iterator::uuid() const noexcept {
  return form_at(at_) == Form::uuid ? std::optional(read<Uuid>(value_at(at_))) : std::nullopt;
}
std::optional<Timestamp> Headers::Iterator::time() const noexcept {
  return form_at(at_) == Form::time ? std::optional(read<Timestamp>(value_at(at_))) : std::nullopt;
}
std::optional<Traceparent> Headers::Iterator::traceparent() const noexcept {
  return form_at(at_) == Form::traceparent ? std::optional(read<Traceparent>(value_at(at_))) : std::nullopt;
}
std::optional<std::int64_t> Headers::Iterator::number() const noexcept {
  return form_at(at_) == Form::number ? std::optional(read<std::int64_t>(value_at(at_))) : std::nullopt;
}

std::optional<Uuid> find_uuid(const Headers& headers, const HeaderName& name) noexcept {
  const Headers::Iterator found = headers.find(name);
  return found == headers.end() ? std::nullopt : found.uuid();
}

std::optional<Timestamp> find_time(const Headers& headers, const HeaderName& name) noexcept {
  const Headers::Iterator found = headers.find(name);
  return found == headers.end() ? std::nullopt : found.time();
}

std::optional<Traceparent> find_traceparent(const Headers& headers) noexcept {
  const Headers::Iterator found = headers.find(headers::traceparent);
  return found == headers.end() ? std::nullopt : found.traceparent();
}

std::optional<std::int64_t> find_number(const Headers& headers, const HeaderName& name) noexcept {
  const Headers::Iterator found = headers.find(name);
  if (found == headers.end()) return {};
  if (const auto number = found.number()) return number;
  const auto text = found.value();
  return text ? parse_number(*text) : std::nullopt;
}

}  // namespace foodorder
