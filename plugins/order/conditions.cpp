#include "conditions.hpp"

#include "foodorder/base/concat.hpp"

#include <fmt/format.h>
#include <boost/algorithm/string/predicate.hpp>
#include <charconv>

namespace foodorder::order {

namespace {

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The text before the next separator, trimmed; `rest` goes on behind it. Our own tags hold no separators, so a
/// quoted comma in a foreign tag can only make tags that match nothing.
std::string_view take_part(std::string_view& rest, char separator) noexcept {
  const std::string_view part = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return trimmed(part);
}

}  // namespace

std::string entity_tag(std::int64_t offset) { return concat("\"", fmt::format_int(offset), "\""); }

bool if_match_holds(std::string_view field, std::string_view tag) noexcept {
  if (trimmed(field) == "*") return true;
  while (!field.empty())
    if (take_part(field, ',') == tag) return true;
  return false;
}

bool if_none_match_hits(std::string_view field, std::string_view tag) noexcept {
  if (trimmed(field) == "*") return true;
  while (!field.empty()) {
    std::string_view candidate = take_part(field, ',');
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == tag) return true;
  }
  return false;
}

bool is_json_content_type(std::string_view field) noexcept {
  constexpr std::string_view json = "application/json";
  if (field == json) return true;  // what nearly all say; the comparisons below ask the locale for each letter
  if (!boost::algorithm::iequals(take_part(field, ';'), json)) return false;
  while (!field.empty()) {
    std::string_view parameter = take_part(field, ';');
    if (!boost::algorithm::istarts_with(parameter, "charset=")) continue;
    parameter.remove_prefix(std::string_view("charset=").size());
    if (!boost::algorithm::iequals(parameter, "utf-8") && !boost::algorithm::iequals(parameter, "\"utf-8\""))
      return false;
  }
  return true;
}

std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t min, std::int64_t max) noexcept {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || number < min || number > max) return {};
  return number;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain)
      out += c;
    else
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace foodorder::order
