#pragma once

#include "foodorder/domain/order.hpp"
#include "foodorder/http/conditions.hpp"
#include "foodorder/http/problems.hpp"

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

/// 412 for a write to an order whose ETag is `tag`.
http::Response condition_failed(http::Precondition condition, std::string_view tag);

/// 503: the write to this order may have happened, or may happen yet.
http::Response outcome_unknown(std::string_view order_id);

/// A write that the log did not take.
http::Response write_failed(const Error& error, std::string_view order_id);

}  // namespace foodorder::order
