#include "order_http/answers.hpp"

#include "foodorder/base/json.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::order;
using Why = Refusal::Why;

namespace {

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [field, value] : response.headers)
    if (field == name) return value;
  return {};
}

}  // namespace

TEST_CASE("Whatever a book refuses has its status and its type of problem") {
  struct Row {
    Why why;
    int status;
    std::string_view type;
  };
  const auto [why, status, type] = GENERATE(values<Row>({
      {Why::not_found, 404, "order-not-found"},
      {Why::if_match_failed, 412, "precondition-failed"},
      {Why::if_none_match_failed, 412, "precondition-failed"},
      {Why::key_reused, 422, "idempotency-key-reused"},
      {Why::key_too_old, 422, "idempotency-key-reused"},
      {Why::fraud, 422, "fraud-alert"},
      {Why::book_full, 503, "store-full"},
      {Why::too_many_waiting, 503, "queue-full"},
      {Why::queue_full, 503, "queue-full"},
      {Why::too_large, 413, "too-large"},
      {Why::unavailable, 503, "bus-unavailable"},
      {Why::outcome_unknown, 503, "outcome-unknown"},
  }));
  const http::Response response = refusal_answer(Refusal(why, "an-id", "\"a-tag\""));
  CHECK(response.status == status);
  CHECK(response.content_type == "application/problem+json");
  const json::value body = parse_json(response.body).value();
  CHECK(text_at(body.get_object(), "type").ends_with(type));
  CHECK((header(response, "Retry-After").empty()) == (status != 503));
}

TEST_CASE("A failed condition names the tag, and an unknown outcome the order") {
  const http::Response failed = refusal_answer(Refusal(Why::if_match_failed, "an-id", "\"a-tag\""));
  CHECK(header(failed, "ETag") == "\"a-tag\"");
  const http::Response unknown = refusal_answer(Refusal(Why::outcome_unknown, "an id"));
  CHECK(header(unknown, "Location") == "/api/orders/an%20id");
  CHECK(text_at(parse_json(unknown.body).value().get_object(), "orderId") == "an id");
}

TEST_CASE("An order that looks like fraud is answered with what the check has found") {
  const std::string findings =
      JsonObject()
          .add("customerName", "Ada")
          .add_raw("alerts", R"([{"type":"VELOCITY","reason":"6 in a minute","severity":"HIGH"}])")
          .add_raw("windowStats", R"({"customerOrdersInWindow":6,"globalOrdersInWindow":9})")
          .take();
  const http::Response stopped = refusal_answer(Refusal(Why::fraud, "an-id", findings));
  const json::value body = parse_json(stopped.body).value();
  CHECK(text_at(body.get_object(), "detail").ends_with("6 in a minute"));
  CHECK(text_at(body.get_object(), "orderId") == "an-id");
  CHECK(body.at("alerts").at(0).at("type") == "VELOCITY");
  CHECK(body.at("windowStats").at("globalOrdersInWindow") == 9);
}
