#include "order_api.hpp"

#include "answers.hpp"
#include "conditions.hpp"
#include "foodorder/base/yield.hpp"
#include "history_answer.hpp"
#include "sse_stream.hpp"

#include <fmt/format.h>

namespace foodorder::order {

namespace {

constexpr std::int64_t list_max = 1000;

bool has_json_body(const http::Request& request) {
  const auto type = request.header("Content-Type");
  return type && http::is_json_content_type(*type);
}

}  // namespace

Task<> OpenRequests::finish(Clock& clock, Duration limit) {
  const Timestamp deadline = clock.now() + limit;
  while (state_->open > 0 && clock.now() < deadline) co_await state_->ended.wait_until(clock, deadline);
}

http::Response OrderApi::not_ready() const {
  if (live_.misses_partitions())
    return http::unavailable("topics",
                             "a topic is not as the order service needs it; /readyz names it and says what to do");
  return http::unavailable("starting", "the order service is reading its orders from the log");
}

Task<http::Response> OrderApi::create(http::Request& request) {
  if (!has_json_body(request)) co_return unsupported_media_type();
  // The conditions are about the order, and there is none yet: If-None-Match holds, If-Match fails.
  if (request.header("If-Match")) co_return http::precondition_failed("a POST makes an order that has no ETag yet");
  const auto key = request.header("Idempotency-Key");
  if (key && !is_idempotency_key(*key))
    co_return http::invalid_header("Idempotency-Key", "must be 1 to 255 visible ASCII characters");
  const ParsedFields parsed = parse_new_order(request.body);
  if (!parsed.errors.empty()) co_return invalid_answer(parsed);
  const NewOrder wanted{parsed.fields, key, request.header("traceparent")};
  auto placed = co_await book_.place(wanted);
  if (!placed) co_return refusal_answer(placed.error());
  http::Response response = order_answer(placed->order, std::move(placed->tag), 201);
  response.headers.emplace_back("Location", location_of(placed->order.id));
  co_return response;
}

Task<http::Response> OrderApi::list(http::Request& request) {
  const auto limit_text = request.query("limit");
  const auto limit = limit_text ? whole_number(*limit_text, 1, list_max) : list_max;
  if (!limit) co_return invalid_parameter("limit", "must be a whole number from 1 to 1000");
  const auto order = request.query("order");
  if (order && *order != "oldest" && *order != "newest")
    co_return invalid_parameter("order", "must be oldest or newest");
  const ListQuery query{static_cast<std::size_t>(*limit), request.query("after"), order == "newest"};
  std::string body = "[";
  std::string last;
  const OrderBook::Each add = [&](const Order& each) {
    if (body.size() > 1) body += ',';
    body += to_json(each);
    last = each.id;
  };
  const auto page = co_await book_.list(query, add);
  if (!page && page.error().why == Refusal::Why::not_found)
    co_return invalid_parameter("after", "must be the id of an order of this list");
  if (!page) co_return refusal_answer(page.error());
  body += ']';
  http::Response response = http::json_response(std::move(body));
  response.headers.emplace_back("X-Total-Count", std::to_string(page->total));
  if (page->more)
    response.headers.emplace_back("Link",
                                  fmt::format("</api/orders?{}limit={}&after={}>; rel=\"next\"",
                                              query.newest_first ? "order=newest&" : "", *limit, percent_encode(last)));
  response.headers.emplace_back("Last-Event-ID", page->event_id);
  co_return response;
}

Task<http::Response> OrderApi::get(http::Request& request) {
  auto found = co_await book_.find(request.path_parameter("id"));
  if (!found) co_return refusal_answer(found.error());
  co_return order_answer(found->order, std::move(found->tag));
}

Task<http::Response> OrderApi::update(http::Request& request) {
  if (!has_json_body(request)) co_return unsupported_media_type();
  const ParsedFields parsed = parse_order_update(request.body);
  if (!parsed.errors.empty()) co_return invalid_answer(parsed);
  http::Response response = co_await change(request, OrderAction::updated, parsed.fields);
  co_return response;
}

Task<http::Response> OrderApi::remove(http::Request& request) {
  const OrderFields none;
  http::Response response = co_await change(request, OrderAction::deleted, none);
  co_return response;
}

Task<http::Response> OrderApi::change(http::Request& request, OrderAction action, const OrderFields& fields) {
  const OrderChange wanted{request.path_parameter("id"), action, fields, http::Conditions(request),
                           request.header("traceparent")};
  auto changed = co_await book_.change(wanted);
  if (!changed) co_return refusal_answer(changed.error());
  co_return order_answer(changed->order, std::move(changed->tag));
}

Task<http::Response> OrderApi::history(http::Request& request) {
  http::Response response = co_await history_answer(request, admin_, live_, book_);
  co_return response;
}

Task<http::Response> OrderApi::events(http::Request& request) {
  std::optional<std::string> resume = request.query("lastEventId");
  if (const auto last = request.header("Last-Event-ID")) resume = std::string(*last);
  if (resume && resume->empty()) resume.reset();  // as a page keeps it that has seen none
  http::Response response;
  response.content_type = "text/event-stream";
  response.stream = std::make_unique<SseStream>(live_.feed(), admin_, std::move(resume));
  co_return response;
}

}  // namespace foodorder::order
