#pragma once

#include "foodorder/http/http.hpp"
#include "live_feed.hpp"
#include "order_store.hpp"

namespace foodorder::order {

/// Answers `GET /api/orders/{id}/history` with one page, and a Link to the next one. All references live until it
/// completes; `live` is open.
Task<http::Response> history_answer(const http::Request& request, Admin& admin, const LiveFeed& live,
                                    const OrderStore& store);

}  // namespace foodorder::order
