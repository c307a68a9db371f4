#pragma once

#include "foodorder/domain/order.hpp"
#include "foodorder/http/problems.hpp"
#include "order_book.hpp"

// The answers that several handlers give.

namespace foodorder::order {

/// The order with its ETag.
http::Response order_answer(const Order& order, std::string tag, int status = 200);

/// 400 or 422 with everything that is wrong.
http::Response invalid_answer(const ParsedFields& parsed);

/// 422: a query parameter fails its check.
http::Response invalid_parameter(std::string_view name, std::string_view message);

http::Response not_found(std::string_view order_id);
http::Response unsupported_media_type();

/// The answer to what the book refuses.
http::Response refusal_answer(const Refusal& refusal);

}  // namespace foodorder::order
