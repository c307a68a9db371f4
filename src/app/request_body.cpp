#include "request_body.hpp"

#include "foodorder/base/utf8.hpp"
#include "runtime/control.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace foodorder::app {

namespace {

http::Response malformed(std::string_view why) {
  return http::problem(400, fmt::format("the body must be a JSON object: {}", why));
}

bool is_json(const http::Request& request) {
  return http::is_json_content_type(request.header("Content-Type").value_or(""));
}

http::Response not_json() {
  return http::unsupported_media_type("", "send the body as Content-Type: application/json");
}

std::string one_line(const Problems& problems) {
  std::vector<std::string_view> fields;
  for (const http::ProblemField& problem : problems) fields.push_back(problem.message);
  return fmt::format("{}", fmt::join(fields, "; "));
}

}  // namespace

std::optional<http::Response> read_object(const http::Request& request, json::object& object) {
  if (!is_json(request)) return not_json();
  auto parsed = parse_json(request.body);
  if (!parsed) return malformed(parsed.error().message);
  if (!parsed->is_object()) return malformed("it is another value");
  object = std::move(parsed->get_object());
  return {};
}

void check_settings(const std::vector<SettingSpec>& specs, const json::object& settings, std::string_view prefix,
                    Problems& problems) {
  Settings probe(specs);
  for (const auto& [name, value] : settings) {
    const auto read = settings_from_json(json::object{{name, value}});
    // A value that is neither a number nor a text fits no setting, and neither does "not a number".
    const auto set = probe.set(name, read ? read->begin()->second : SettingValue(std::nan("")));
    if (!set) problems.emplace_back(fmt::format("{}{}", prefix, shortened(name)), set.error().message);
  }
}

void check_fields(const json::object& body, std::initializer_list<std::string_view> known, Problems& problems) {
  for (const auto& field : body)
    if (std::find(known.begin(), known.end(), std::string_view(field.key())) == known.end())
      problems.emplace_back(shortened(field.key()), fmt::format("there is no field {}; allowed are {}",
                                                                shortened(field.key()), fmt::join(known, ", ")));
}

http::Response unprocessable(const Problems& problems) { return http::unprocessable("", one_line(problems), problems); }

}  // namespace foodorder::app
