#include "answers.hpp"

#include "conditions.hpp"

#include <fmt/format.h>

namespace foodorder::order {

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
  return http::unprocessable("invalid-order", "the order fails a check", errors);
}

http::Response invalid_parameter(std::string_view name, std::string_view message) {
  const std::vector<http::ProblemField> errors(1, http::ProblemField(std::string(name), std::string(message)));
  return http::unprocessable("invalid-parameter", fmt::format("{} {}", name, message), errors);
}

http::Response not_found(std::string_view order_id) {
  return http::not_found("order-not-found", fmt::format("there is no order {}", order_id));
}

http::Response unsupported_media_type() {
  return http::unsupported_media_type("unsupported-media-type", "an order is given as application/json in UTF-8");
}

http::Response condition_failed(http::Precondition condition, std::string_view tag) {
  http::Response response = http::precondition_failed(
      condition == http::Precondition::if_match_failed
          ? fmt::format("the order has changed: its ETag is {} now", tag)
          : fmt::format("the order exists and has what If-None-Match rules out: its ETag is {}", tag));
  response.headers.emplace_back("ETag", tag);
  return response;
}

http::Response outcome_unknown(std::string_view order_id) {
  const std::vector<http::ProblemMember> in_doubt(1, http::ProblemMember("orderId", order_id));
  http::Response response = http::unavailable(
      "outcome-unknown",
      fmt::format("it is not known yet whether a write to order {} has happened; it may still appear, once. Ask again, "
                  "a creation with its Idempotency-Key",
                  order_id),
      in_doubt);
  response.headers.emplace(response.headers.begin(), "Location", "/api/orders/" + percent_encode(order_id));
  return response;
}

http::Response write_failed(const Error& error, std::string_view order_id) {
  switch (error.code) {
    case Errc::outcome_unknown:
      return outcome_unknown(order_id);
    case Errc::too_large:
      return http::problem(413, "too-large", "Content Too Large", error.message);
    case Errc::queue_full:
      return http::unavailable("queue-full", "too many writes are under way; nothing was written");
    default:
      return http::unavailable("bus-unavailable", fmt::format("nothing was written: {}", error.message));
  }
}

}  // namespace foodorder::order
