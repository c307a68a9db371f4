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

std::string percent_encode(std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
  };
  if (std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);  // as every id of ours is
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_plain(c))
      out += c;
    else
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace foodorder::order
