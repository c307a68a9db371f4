#include "foodorder/http/problems.hpp"

#include "foodorder/base/utf8.hpp"
#include "text.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace foodorder::http {

namespace {

// Bounds what a problem repeats of a request: an answer is never much larger than its cause.
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

Response problem(int status, std::string_view type, std::string_view detail, const std::vector<ProblemField>& errors,
                 const boost::json::object& members) {
  boost::json::object body;
  body["type"] = type.empty() ? std::string("about:blank") : "/problems/" + std::string(type);
  body["title"] = reason_phrase(status);
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
  for (const auto& [name, value] : members) body[name] = value;
  return Response(status, "application/problem+json", boost::json::serialize(body));
}

Response problem(int status, std::string_view detail) { return problem(status, "", detail); }

Response invalid_header(std::string_view name, std::string_view message) {
  const std::vector<ProblemField> errors(1, ProblemField(std::string(name), std::string(message)));
  return problem(400, "invalid-header", fmt::format("{} {}", name, message), errors);
}

Response not_found(std::string_view type, std::string_view detail) { return problem(404, type, detail); }

Response unsupported_media_type(std::string_view type, std::string_view detail) { return problem(415, type, detail); }

Response unprocessable(std::string_view type, std::string_view detail, const std::vector<ProblemField>& errors,
                       const boost::json::object& members) {
  return problem(422, type, detail, errors, members);
}

Response unavailable(std::string_view type, std::string_view detail, const boost::json::object& members) {
  Response response = problem(503, type, detail, {}, members);
  retry_after(response);
  return response;
}

void retry_after(Response& response, int seconds) {
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
}

}  // namespace foodorder::http
