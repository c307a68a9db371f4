#include "trace_context.hpp"

#include <algorithm>

namespace foodorder {

namespace {

bool is_hex(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// An all-zero id is invalid (W3C Trace Context, 3.2.2.3).
bool is_id(std::string_view text) noexcept {
  return is_hex(text) && std::any_of(text.begin(), text.end(), [](char c) { return c != '0'; });
}

}  // namespace

std::optional<std::string_view> trace_id_of(std::string_view text) noexcept {
  const bool is_traceparent = text.size() == 55 && text.starts_with("00-") && text[35] == '-' && text[52] == '-' &&
                              is_id(text.substr(3, 32)) && is_id(text.substr(36, 16)) && is_hex(text.substr(53));
  return is_traceparent ? std::optional(text.substr(3, 32)) : std::nullopt;
}

}  // namespace foodorder
