// What each kind of field of an order allows.
#include "foodorder/base/concat.hpp"
#include "foodorder/base/utf8.hpp"
#include "foodorder/domain/order.hpp"

#include <cmath>

namespace foodorder {

namespace {

constexpr std::size_t text_max_characters = 100;
constexpr std::int64_t quantity_max = 1000;
constexpr std::int64_t price_max_cents = 100'000'00;

bool is_short_text(std::string_view text) noexcept {
  return !text.empty() && count_characters(text) <= text_max_characters && !has_control_character(text);
}

/// The parser has checked that it is UTF-8.
std::optional<std::string_view> string_of(const json::value& value) {
  const auto* string = value.if_string();
  if (!string) return {};
  return std::string_view(string->data(), string->size());
}

std::optional<std::string> text_from_record(const json::value& value) {
  const auto text = string_of(value);
  if (!text || !is_short_text(*text)) return {};
  return std::string(*text);
}

std::optional<std::string> text_from_request(const json::value& value) {
  const auto given = string_of(value);
  if (!given) return {};
  std::string text = trimmed_nfc(*given);
  if (!is_short_text(text) || !has_visible_character(text)) return {};
  return text;
}

std::optional<std::int64_t> checked_quantity(const json::value& value) {
  // 2.0 is an integer, too (JSON Schema).
  double number = 0;
  if (const auto* integer = value.if_int64()) {
    number = static_cast<double>(*integer);
  } else if (const auto* real = value.if_double()) {
    number = *real;
  }
  if (number < 1 || number > static_cast<double>(quantity_max) || std::floor(number) != number) return {};
  return static_cast<std::int64_t>(number);
}

std::optional<std::int64_t> checked_cents(const json::value& value) {
  if (const auto* integer = value.if_int64())
    return *integer < 0 || *integer > price_max_cents / 100 ? std::optional<std::int64_t>() : *integer * 100;
  const auto* real = value.if_double();
  if (!real || !(*real >= 0) || *real > static_cast<double>(price_max_cents) / 100) return {};
  const std::int64_t cents = std::llround(*real * 100);
  // Exact: the quotient is the double nearest to that decimal, as is what the parser made of the text. The text may
  // have more decimals only if they are too small to make another double.
  if (static_cast<double>(cents) / 100 != *real) return {};
  return cents;
}

std::optional<Timestamp> checked_time(const json::value& value) {
  const auto text = string_of(value);
  return text ? parse_iso(*text) : std::optional<Timestamp>();
}

void write_integer(TextBuffer& out, const std::int64_t& value) { append(out, fmt::format_int(value)); }
void write_cents(TextBuffer& out, const std::int64_t& cents) { out += decimal_from_cents(cents); }
void write_text(TextBuffer& out, const std::string& text) { write_json_string(out, text); }
void write_time(TextBuffer& out, const Timestamp& time) { write_json_string(out, to_iso_millis(time)); }

}  // namespace

const FieldRule<std::string> text_rule{
    "a string of 1 to 100 characters, one of them visible, without control characters", text_from_request,
    text_from_record, write_text};
const FieldRule<std::int64_t> quantity_rule{"an integer from 1 to 1000", checked_quantity, checked_quantity,
                                            write_integer};
const FieldRule<std::int64_t> price_rule{"a number from 0 to 100000 with at most 2 decimals", checked_cents,
                                         checked_cents, write_cents};
const FieldRule<Timestamp> time_rule{"a time in RFC 3339", checked_time, checked_time, write_time};

std::string decimal_from_cents(std::int64_t cents) {
  const bool negative = cents < 0;
  const std::uint64_t size = negative ? 0 - static_cast<std::uint64_t>(cents) : static_cast<std::uint64_t>(cents);
  std::string out = concat(negative ? "-" : "", fmt::format_int(size / 100));
  const std::uint64_t fraction = size % 100;
  if (fraction == 0) return out;
  out += '.';
  out += static_cast<char>('0' + fraction / 10);
  if (fraction % 10 != 0) out += static_cast<char>('0' + fraction % 10);
  return out;
}

}  // namespace foodorder
