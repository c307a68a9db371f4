#include "history_answer.hpp"

#include "answers.hpp"
#include "conditions.hpp"
#include "foodorder/base/yield.hpp"
#include "history.hpp"

#include <fmt/format.h>

namespace foodorder::order {

namespace {

constexpr std::int64_t limit_default = 100;
constexpr std::int64_t limit_max = 1000;

}  // namespace

Task<http::Response> history_answer(const http::Request& request, Admin& admin, const FeedReader& live,
                                    OrderBook& book) {
  const std::string id(request.path_parameter("id"));
  const auto limit_text = request.query("limit");
  const auto limit = limit_text ? whole_number(*limit_text, 1, limit_max) : limit_default;
  if (!limit) co_return invalid_parameter("limit", "must be a whole number from 1 to 1000");
  const auto after = request.query("after");
  const std::string log_id = live.feed()->log_id();
  std::optional<SlotOffsets> from = after ? parse_cursor(log_id, live.slots().size(), *after) : std::nullopt;
  if (after && !from) co_return invalid_parameter("after", "must be taken from the Link of a page of this log");
  HistoryReader reader(admin, *live.index(), id);
  bool known = false;
  if (!from) {
    const auto first = co_await book.first_logged(id);
    known = first.has_value();
    const auto start = co_await reader.start_at(first);
    if (!start) co_return http::unavailable("bus-unavailable", start.error().message);
    from = *start;
  }
  const auto page = co_await reader.read(*from, static_cast<std::size_t>(*limit));
  if (!page) co_return http::unavailable("bus-unavailable", page.error().message);
  // One that lives is known: its first record was not read here yet, or retention has removed all.
  if (page->records.empty() && !page->next && !after && !known) co_return not_found(id);
  std::string body = "[";
  WorkPiece piece;
  for (const ConsumerRecord& record : page->records) {
    if (piece.add(size_in_bytes(*record.record))) co_await yield();
    body += (body.size() > 1 ? "," : "") + history_json(record);
  }
  body += ']';
  http::Response response = http::json_response(std::move(body));
  if (page->next)
    response.headers.emplace_back("Link", fmt::format("</api/orders/{}/history?limit={}&after={}>; rel=\"next\"",
                                                      percent_encode(id), *limit, to_cursor(log_id, *page->next)));
  co_return response;
}

}  // namespace foodorder::order
