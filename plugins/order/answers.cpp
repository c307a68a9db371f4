#include "answers.hpp"

#include "conditions.hpp"
#include "foodorder/base/json.hpp"

#include <fmt/format.h>

namespace foodorder::order {

namespace {

void try_again(http::Response& response) { response.headers.emplace_back("Retry-After", "1"); }

std::vector<http::ProblemField> one_error(std::string_view field, std::string_view message) {
  std::vector<http::ProblemField> errors;
  errors.emplace_back(std::string(field), std::string(message));
  return errors;
}

}  // namespace

http::Response order_answer(const Order& order, std::string tag, int status) {
  http::Response response = http::json_response(to_json(order), status);
  response.headers.emplace_back("ETag", std::move(tag));
  return response;
}

http::Response invalid_answer(const ParsedFields& parsed) {
  std::vector<http::ProblemField> errors;
  for (const FieldError& error : parsed.errors) errors.emplace_back(error.field, error.message);
  if (parsed.malformed)
    return http::problem(400, "malformed", "Bad Request", "the body is not an order in JSON", errors);
  return http::problem(422, "invalid-order", "Unprocessable Content", "the order fails a check", errors);
}

http::Response invalid_parameter(std::string_view name, std::string_view message) {
  return http::problem(422, "invalid-parameter", "Unprocessable Content", fmt::format("{} {}", name, message),
                       one_error(name, message));
}

http::Response invalid_header(std::string_view name, std::string_view message) {
  return http::problem(400, "invalid-header", "Bad Request", fmt::format("{} {}", name, message),
                       one_error(name, message));
}

http::Response not_found(std::string_view order_id) {
  return http::problem(404, "order-not-found", "Not Found", fmt::format("there is no order {}", order_id));
}

http::Response unsupported_media_type() {
  return http::problem(415, "unsupported-media-type", "Unsupported Media Type",
                       "an order is given as application/json in UTF-8");
}

http::Response condition_failed(http::Precondition condition, std::string_view tag) {
  http::Response response = http::precondition_failed(
      condition == http::Precondition::if_match_failed
          ? fmt::format("the order has changed: its ETag is {} now", tag)
          : fmt::format("the order exists and has what If-None-Match rules out: its ETag is {}", tag));
  response.headers.emplace_back("ETag", tag);
  return response;
}

http::Response unavailable(std::string_view type, std::string_view detail) {
  http::Response response = http::problem(503, type, "Service Unavailable", detail);
  try_again(response);
  return response;
}

http::Response outcome_unknown(std::string_view order_id) {
  http::Response response =
      http::problem(503, "outcome-unknown", "Service Unavailable",
                    fmt::format("it is not known yet whether a write to order {} has happened; it may still appear, "
                                "once. Ask again, a creation with its Idempotency-Key",
                                order_id));
  response.body = JsonObject::reopen(std::move(response.body)).add("orderId", order_id).take();
  response.headers.emplace_back("Location", "/api/orders/" + percent_encode(order_id));
  try_again(response);
  return response;
}

http::Response write_failed(const Error& error, std::string_view order_id) {
  switch (error.code) {
    case Errc::outcome_unknown:
      return outcome_unknown(order_id);
    case Errc::too_large:
      return http::problem(413, "too-large", "Content Too Large", error.message);
    case Errc::queue_full:
      return unavailable("queue-full", "too many writes are under way; nothing was written");
    default:
      return unavailable("bus-unavailable", fmt::format("nothing was written: {}", error.message));
  }
}

}  // namespace foodorder::order
