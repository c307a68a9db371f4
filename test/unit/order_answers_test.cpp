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
