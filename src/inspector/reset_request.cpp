#include "reset_plan.hpp"

#include "foodorder/base/number.hpp"
#include "http/json_body.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace foodorder::inspector {

namespace {

using To = ResetRequest::To;

constexpr std::size_t topics_max = 1'000;
constexpr std::int64_t last_time_ms = 253'402'300'799'999;  // of the year 9999

constexpr std::array names = {
    std::pair{"earliest", To::earliest}, std::pair{"latest", To::latest}, std::pair{"current", To::current},
    std::pair{"offset", To::offset},     std::pair{"shift", To::shift},   std::pair{"time", To::time},
    std::pair{"duration", To::duration}, std::pair{"group", To::group},
};

std::optional<std::int64_t> number_of(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_string()) return parse_number<std::int64_t>(std::string_view(value.get_string()));
  return {};
}

std::optional<Timestamp> time_of(const json::value& value) {
  if (const auto millis = number_of(value); millis && *millis >= 0 && *millis <= last_time_ms)
    return from_unix_millis(*millis);
  return value.is_string() ? parse_iso(value.get_string()) : std::nullopt;
}

void read_value(ResetRequest& request, const json::value* value, Timestamp now, Problems& errors) {
  const bool wanted = request.to >= To::offset;
  if (!wanted && value && !value->is_null()) return (void)errors.emplace_back("value", "this reset takes no value");
  if (!wanted) return;
  const auto fail = [&](std::string_view what) { errors.emplace_back("value", fmt::format("must be {}", what)); };
  const json::value nothing;
  const json::value& given = value ? *value : nothing;
  const auto number = number_of(given);
  const auto text = given.is_string() ? std::string_view(given.get_string()) : std::string_view();
  if (request.to == To::offset || request.to == To::shift) {
    const bool fits = number && (request.to == To::shift || *number >= 0);
    if (!fits) return fail(request.to == To::shift ? "a whole number, such as -100" : "an offset: a number from 0 on");
    request.number = *number;
  } else if (request.to == To::time) {
    const auto time = time_of(given);
    if (!time) return fail("a time such as 2026-02-05T13:11:17Z, or milliseconds since the epoch");
    request.time = *time;
  } else if (request.to == To::duration) {
    const auto duration = parse_duration(text);
    if (!duration) return fail("an ISO 8601 duration such as PT1H30M or P2D");
    request.time = now - *duration;
  } else {
    if (text.empty()) return fail("the name of a group");
    request.other_group = text;
  }
}

/// "orders", or "orders:0,2".
std::optional<ResetRequest::Choice> choice_of(const json::value& value) {
  if (!value.is_string()) return {};
  std::string_view text = value.get_string();
  ResetRequest::Choice choice;
  choice.topic = text.substr(0, text.find(':'));
  if (choice.topic.empty()) return {};
  if (choice.topic.size() == text.size()) return choice;
  for (text.remove_prefix(choice.topic.size()); !text.empty();) {
    text.remove_prefix(1);
    const std::string_view entry = text.substr(0, text.find(','));
    const auto partition = parse_number<std::int32_t>(entry);
    if (!partition || *partition < 0) return {};
    choice.partitions.push_back(*partition);
    text.remove_prefix(entry.size());
  }
  return choice;
}

void read_topics(ResetRequest& request, const json::value& value, Problems& errors) {
  const json::array* list = value.if_array();
  if (list && !list->empty() && list->size() <= topics_max)
    for (const json::value& entry : *list) {
      auto choice = choice_of(entry);
      if (!choice) break;
      request.topics.push_back(std::move(*choice));
    }
  if (!list || list->empty() || request.topics.size() != list->size())
    errors.emplace_back(
        "topics", fmt::format("must be an array of 1 to {} topics, each such as orders or orders:0,2", topics_max));
}

}  // namespace

ResetRequest ResetRequest::from_json(const json::object& body, Timestamp now, Problems& errors) {
  ResetRequest request;
  http::check_fields(body, {"to", "value", "topics", "dryRun"}, errors);
  const std::string_view to = text_at(body, "to");
  const auto found = std::find_if(names.begin(), names.end(), [&](const auto& name) { return to == name.first; });
  if (found == names.end()) {
    errors.emplace_back("to", "must be earliest, latest, current, offset, shift, time, duration or group");
  } else {
    request.to = found->second;
    read_value(request, body.if_contains("value"), now, errors);
  }
  if (const json::value* topics = body.if_contains("topics")) read_topics(request, *topics, errors);
  if (const json::value* dry_run = body.if_contains("dryRun")) {
    if (!dry_run->is_bool()) errors.emplace_back("dryRun", "must be true or false");
    request.dry_run = dry_run->is_bool() && dry_run->get_bool();
  }
  return request;
}

std::optional<Duration> parse_duration(std::string_view text) {
  using namespace std::chrono;
  struct Unit {
    char name;
    bool of_day;
    seconds length;
  };
  constexpr std::array units = {Unit{'W', false, weeks(1)}, Unit{'D', false, days(1)}, Unit{'H', true, hours(1)},
                                Unit{'M', true, minutes(1)}, Unit{'S', true, seconds(1)}};
  if (!text.starts_with('P')) return {};
  text.remove_prefix(1);
  constexpr std::int64_t longest_s = 100LL * 366 * 24 * 3600;
  std::int64_t total_s = 0;
  bool of_day = false;
  std::size_t unit = 0;
  do {
    if (text.starts_with('T') && !of_day) {
      of_day = true;
      text.remove_prefix(1);
    }
    const std::size_t digits = text.find_first_not_of("0123456789");
    const auto count =
        digits == std::string_view::npos ? std::nullopt : parse_number<std::int64_t>(text.substr(0, digits));
    if (!count || *count > longest_s) return {};
    while (unit < units.size() && (units[unit].name != text[digits] || units[unit].of_day != of_day)) ++unit;
    if (unit == units.size()) return {};
    const std::int64_t each_s = units[unit++].length.count();
    if (*count > longest_s / each_s) return {};
    total_s += *count * each_s;
    text.remove_prefix(digits + 1);
  } while (!text.empty());
  if (total_s > longest_s) return {};
  return seconds(total_s);
}

}  // namespace foodorder::inspector
