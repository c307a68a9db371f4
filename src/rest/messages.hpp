#pragma once

#include "calls/caller.hpp"
#include "database/service_tables.hpp"
#include "foodorder/http/http.hpp"

#include <optional>

// What the services send each other: the bodies are those of the topics in the events architecture, and what stands
// there in the headers of a record stands here in those of the request (CloudEvents 1.0, HTTP binary mode; W3C
// `traceparent`).

namespace foodorder::rest {

/// An event of an order, for `/check` and `/notify`.
calls::Call order_call(const database::OrderWrite& write);
/// Errors: invalid_argument.
Result<database::OrderWrite> order_write_of(const http::Request& request);

/// For `/audit`.
calls::Call audit_call(const database::LoggedEvent& event);
/// Errors: invalid_argument.
Result<database::LoggedEvent> logged_event_of(const http::Request& request);

/// What the order service tells of its own event.
database::LoggedEvent logged_event_of(const database::OrderWrite& write);

/// Until when its caller waits, as `X-Deadline-Ms` says; nothing if it does not say.
std::optional<Timestamp> deadline_of(const http::Request& request, Timestamp now);

/// A verdict of our fraud service.
bool is_verdict(const http::ClientAnswer& answer);
/// `{"taken": true}`, or false where it had come before.
bool is_receipt(const http::ClientAnswer& answer);
http::Response receipt(bool taken, int status);

}  // namespace foodorder::rest
