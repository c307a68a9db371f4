#include "answers.hpp"

#include "conditions.hpp"

#include <fmt/format.h>

namespace foodorder::order {

namespace {

http::Response condition_failed(const Refusal& refusal) {
  const std::string& tag = refusal.detail;
  http::Response response = http::precondition_failed(
      refusal.why == Refusal::Why::if_match_failed
          ? fmt::format("the order has changed: its ETag is {} now", tag)
          : fmt::format("the order exists and has what If-None-Match rules out: its ETag is {}", tag));
  response.headers.emplace_back("ETag", tag);
  return response;
}

http::Response outcome_unknown(std::string_view order_id) {
  const json::object in_doubt{{"orderId", order_id}};
  http::Response response = http::unavailable(
      "outcome-unknown",
      fmt::format("it is not known yet whether a write to order {} has happened; it may still appear, once. Ask again, "
                  "a creation with its Idempotency-Key",
                  order_id),
      in_doubt);
  response.headers.emplace(response.headers.begin(), "Location", location_of(order_id));
  return response;
}

http::Response key_reused(std::string_view error, std::string_view detail) {
  const std::vector<http::ProblemField> errors(1, http::ProblemField("Idempotency-Key", std::string(error)));
  return http::unprocessable("idempotency-key-reused", detail, errors);
}

/// 422 with what the check has found.
http::Response fraud_alert(const Refusal& refusal) {
  const auto parsed = parse_json(refusal.detail);
  const json::object* findings = parsed ? parsed->if_object() : nullptr;
  const json::value* alerts = findings ? findings->if_contains("alerts") : nullptr;
  const json::value* first = alerts && alerts->is_array() ? alerts->get_array().if_contains(0) : nullptr;
  const std::string reason(first && first->is_object() ? text_at(first->get_object(), "reason") : refusal.detail);
  json::object members{{"orderId", refusal.order_id}};
  if (first) {
    members["alerts"] = *alerts;
    members["windowStats"] = findings->at("windowStats");
  }
  return http::unprocessable("fraud-alert", fmt::format("the order was stopped by the fraud check: {}", reason), {},
                             members);
}

}  // namespace

http::Response order_answer(const Order& order, std::string tag, int status) {
  http::Response response = http::json_response(to_json(order), status);
  response.headers.reserve(2);  // of an order that is new, its Location, too
  response.headers.emplace_back("ETag", std::move(tag));
  return response;
}

http::Response invalid_answer(const ParsedFields& parsed) {
  std::vector<http::ProblemField> errors;
  for (const FieldError& error : parsed.errors) errors.emplace_back(error.field, error.message);
  if (parsed.malformed) return http::problem(400, "malformed", "the body is not an order in JSON", errors);
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

http::Response refusal_answer(const Refusal& refusal) {
  const std::string& id = refusal.order_id;
  switch (refusal.why) {
    case Refusal::Why::not_found:
      return not_found(id);
    case Refusal::Why::if_match_failed:
    case Refusal::Why::if_none_match_failed:
      return condition_failed(refusal);
    case Refusal::Why::key_reused:
      return key_reused("was used for an order with another body",
                        fmt::format("this Idempotency-Key belongs to order {}, placed with another body", id));
    case Refusal::Why::key_too_old:
      // Nobody can tell a repetition from another order, and a new order must not take the place of that one.
      return key_reused("is too old to be compared with its first use",
                        fmt::format("this Idempotency-Key belongs to order {}, and is too old for its first request to "
                                    "be known; a new order takes a new key",
                                    id));
    case Refusal::Why::fraud:
      return fraud_alert(refusal);
    case Refusal::Why::check_failed:
      return http::unavailable("fraud-unavailable", refusal.detail);
    case Refusal::Why::book_full:
      return http::unavailable("store-full", "the order store is full");
    case Refusal::Why::too_many_waiting:
      return http::unavailable("queue-full", fmt::format("too many writes to order {} are waiting", id));
    case Refusal::Why::queue_full:
      return http::unavailable("queue-full", "too many writes are under way; nothing was written");
    case Refusal::Why::too_large:
      return http::problem(413, "too-large", refusal.detail);
    case Refusal::Why::unavailable:
      return http::unavailable("bus-unavailable", refusal.detail);
    case Refusal::Why::outcome_unknown:
      return outcome_unknown(id);
  }
  return http::unavailable("bus-unavailable", refusal.detail);
}

}  // namespace foodorder::order
