#pragma once

#include "feed_reader.hpp"
#include "foodorder/http/http.hpp"
#include "order_book.hpp"

namespace foodorder::order {

/// Answers `GET /api/orders/{id}/history` with one page, and a Link to the next one. All references live until it
/// completes; `live` is open.
Task<http::Response> history_answer(const http::Request& request, Admin& admin, const FeedReader& live,
                                    OrderBook& book);

}  // namespace foodorder::order
