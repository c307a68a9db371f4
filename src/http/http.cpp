#include "foodorder/http/http.hpp"

#include "text.hpp"

#include <algorithm>

namespace foodorder::http {

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

Response json_response(std::string body, int status) { return Response(status, "application/json", std::move(body)); }

}  // namespace foodorder::http
