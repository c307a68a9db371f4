#include "foodorder/base/traceparent.hpp"

#include "hex.hpp"

namespace foodorder {

std::optional<Traceparent> Traceparent::parse(std::string_view text) noexcept {
  if (text.size() != 55 || !text.starts_with("00-") || text[35] != '-' || text[52] != '-') return {};
  const auto first = parse_hex(text.substr(3, 16));
  const auto second = parse_hex(text.substr(19, 16));
  const auto span = parse_hex(text.substr(36, 16));
  const auto flags = parse_hex(text.substr(53));
  if (!first || !second || !span || !flags || (*first | *second) == 0 || *span == 0) return {};
  return Traceparent{*first, *second, *span, static_cast<std::uint8_t>(*flags)};
}

FixedText<32> Traceparent::trace_id() const noexcept {
  FixedText text("................................");
  std::ranges::copy(hex_of(trace_first).view(), text.part(0, 16).begin());
  std::ranges::copy(hex_of(trace_second).view(), text.part(16, 16).begin());
  return text;
}

FixedText<55> Traceparent::text() const noexcept {
  FixedText text("00-................................-................-..");
  std::ranges::copy(trace_id().view(), text.part(3, 32).begin());
  std::ranges::copy(hex_of(span).view(), text.part(36, 16).begin());
  std::ranges::copy(hex_of(std::uint64_t{flags}).view().substr(0, 2), text.part(53, 2).begin());
  return text;
}

}  // namespace foodorder
