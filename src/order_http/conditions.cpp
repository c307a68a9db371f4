#include "conditions.hpp"

#include "foodorder/base/concat.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/base/number.hpp"
#include "foodorder/http/http.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::order {

std::string log_tag(std::string_view log_id) { return fmt::format("{:016x}", stable_hash(log_id)); }

std::string entity_tag(std::string_view log, std::int32_t partition, std::int64_t offset) {
  return concat("\"", log, "-", fmt::format_int(partition), "-", fmt::format_int(offset), "\"");
}

bool is_idempotency_key(std::string_view key) noexcept {
  const auto visible = [](char c) { return c > 0x20 && c < 0x7f; };
  return !key.empty() && key.size() <= 255 && std::all_of(key.begin(), key.end(), visible);
}

std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t min, std::int64_t max) noexcept {
  const auto number = parse_number<std::int64_t>(text);
  if (!number || *number < min || *number > max) return {};
  return number;
}

namespace {

void append_encoded(std::string& out, std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
  };
  out.reserve(out.size() + text.size());
  if (std::all_of(text.begin(), text.end(), is_plain)) {  // as every id of ours is
    out += text;
    return;
  }
  for (const char c : text) {
    if (is_plain(c))
      out += c;
    else
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
  }
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  append_encoded(out, text);
  return out;
}

std::string location_of(std::string_view order_id) {
  std::string location = "/api/orders/";
  append_encoded(location, order_id);
  return location;
}

}  // namespace foodorder::order
