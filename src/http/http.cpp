#include "foodorder/http/http.hpp"

#include "foodorder/base/utf8.hpp"
#include "text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/json.hpp>

namespace foodorder::http {

namespace {

// What a problem repeats of a request is bounded, whoever makes it: an answer is never larger than its cause.
constexpr std::size_t errors_max = 30;
constexpr std::size_t field_max_bytes = 120;
constexpr std::size_t message_max_bytes = 500;
constexpr std::size_t detail_max_bytes = 1000;

boost::json::object to_json(std::string_view field, std::string_view message) {
  boost::json::object entry;
  entry["field"] = shortened(field, field_max_bytes);
  entry["message"] = shortened(message, message_max_bytes);
  return entry;
}

}  // namespace

std::string_view to_string(Method method) noexcept {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::delete_:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
  }
  return "";
}

std::optional<std::string_view> Request::header(std::string_view name) const noexcept {
  for (const auto& [field, value] : fields)
    if (equal_ignoring_case(field, name)) return value;
  return {};
}

std::optional<std::string> Request::query(std::string_view name) const {
  std::optional<std::string> found;
  for (std::string_view rest = query_string; !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto key = query_decode(pair.substr(0, equals));
    if (key == name) found = query_decode(pair.substr(std::min(equals + 1, pair.size())));
  }
  return found;
}

std::string_view Request::path_parameter(std::string_view name) const noexcept {
  for (const auto& [parameter, value] : path_parameters)
    if (parameter == name) return value;
  return {};
}

std::string_view take_part(std::string_view& rest, char separator) noexcept {
  std::string_view part = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  part.remove_prefix(std::min(part.find_first_not_of(" \t"), part.size()));
  return part.substr(0, part.find_last_not_of(" \t") + 1);
}

bool is_json_content_type(std::string_view field) noexcept {
  if (!equal_ignoring_case(take_part(field, ';'), "application/json")) return false;
  constexpr std::string_view charset = "charset=";
  while (!field.empty()) {
    const std::string_view parameter = take_part(field, ';');
    if (!equal_ignoring_case(parameter.substr(0, charset.size()), charset)) continue;
    const std::string_view name = parameter.substr(charset.size());
    if (!equal_ignoring_case(name, "utf-8") && !equal_ignoring_case(name, "\"utf-8\"")) return false;
  }
  return true;
}

Response problem(int status, std::string_view type, std::string_view title, std::string_view detail,
                 const std::vector<ProblemField>& errors) {
  boost::json::object body;
  body["type"] = type.empty() ? std::string("about:blank") : "/problems/" + std::string(type);
  body["title"] = boost::json::string_view(title.data(), title.size());
  body["status"] = status;
  if (!detail.empty()) body["detail"] = shortened(detail, detail_max_bytes);
  if (!errors.empty()) {
    boost::json::array& list = body["errors"].emplace_array();
    for (const ProblemField& error : errors) {
      if (list.size() == errors_max) break;
      list.push_back(to_json(error.field, error.message));
    }
    if (errors.size() > errors_max) list.push_back(to_json("", fmt::format("{} more", errors.size() - errors_max)));
  }
  return Response(status, "application/problem+json", boost::json::serialize(body));
}

Response json_response(std::string body, int status) { return Response(status, "application/json", std::move(body)); }

}  // namespace foodorder::http
