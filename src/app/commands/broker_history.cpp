#include "broker_client.hpp"
#include "foodorder/http/problems.hpp"
#include "order_http/history.hpp"

#include <fmt/format.h>

namespace foodorder::app {

namespace {

constexpr std::size_t page_max_records = 1000;
constexpr std::string_view log = "broker";  // of cursors, which only this process sees

/// Where its topics end: what comes later is not read.
Task<Result<order::SlotOffsets>> ends_of(Admin& admin, const order::FeedSlots& slots) {
  const auto positions = co_await admin.resolve(slots.partitions(slots.size()), Where::end());
  if (!positions) co_return positions.error();
  order::SlotOffsets ends(slots.size());
  for (const Position& position : *positions)
    if (const auto slot = slots.find(position.tp)) ends[*slot] = position.offset;
  co_return ends;
}

Task<http::Response> answer(Admin& admin, http::Request& request) {
  const std::string id(request.path_parameter("id"));
  const order::FeedSlots slots(topics::table());  // those of plugins are not known here
  const auto ends = co_await ends_of(admin, slots);
  if (!ends && ends.error().code == Errc::not_found) co_return http::not_found("", ends.error().message);
  if (!ends) co_return http::unavailable("bus-unavailable", ends.error().message);
  const order::HistoryIndex nothing(slots, *ends, 0);
  order::HistoryReader reader(admin, nothing, id);
  const auto after = request.query("after");
  auto from = after ? order::parse_cursor(log, slots.size(), *after) : std::nullopt;
  if (!from) {
    const auto start = co_await reader.start_at({});
    if (!start) co_return http::unavailable("bus-unavailable", start.error().message);
    from = *start;
  }
  const auto page = co_await reader.read(*from, page_max_records);
  if (!page) co_return http::unavailable("bus-unavailable", page.error().message);
  if (page->records.empty() && !page->next && !after)
    co_return http::not_found("", fmt::format("there is no order {}", id));
  std::string body = "[";
  for (const ConsumerRecord& record : page->records) body += (body.size() > 1 ? "," : "") + order::history_json(record);
  http::Response response = http::json_response(body + "]");
  if (page->next)
    response.headers.emplace_back("Link", fmt::format("</api/orders/{}/history?after={}>; rel=\"next\"",
                                                      percent_encoded(id), order::to_cursor(log, *page->next)));
  co_return response;
}

}  // namespace

http::Route broker_history_route(Admin& admin) {
  return {http::Method::get, "/api/orders/{id}/history",
          [&admin](http::Request& request) { return answer(admin, request); }};
}

}  // namespace foodorder::app
