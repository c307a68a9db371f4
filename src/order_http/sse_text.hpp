#pragma once

#include "foodorder/base/text_buffer.hpp"
#include "foodorder/bus/record.hpp"

#include <string>
#include <string_view>

namespace foodorder::order {

/// Whether GET /events shows a record of one of its topics: first deliveries on `orders` and events on `audit`, as far
/// as they can be read, and everything on the others.
bool is_relayed(const ConsumerRecord& record);

/// Appends a record's event: its `id:`, `data:` with `{"type":<that of its topic>,"data":<the body>,"timestamp":<the
/// body's own>}`, and the blank line that ends it. A body that is not JSON stands as base64 with the reason that its
/// headers give.
void append_event(TextBuffer& out, std::string_view id, std::string_view type, const ConsumerRecord& record);
std::string event_text(std::string_view id, std::string_view type, const ConsumerRecord& record);

/// `event: heartbeat`: moves the client's position. It carries data, because some clients take an event without any for
/// a broken one.
std::string heartbeat_text(std::string_view id);

/// The first thing that every client gets: how soon to come back, and where it begins, as a heartbeat.
std::string greeting_text(std::string_view id);

/// `event: gap`: what lies between the client's position and `id` cannot be given. `reason` is "another-log" or
/// "removed-by-retention".
std::string gap_text(std::string_view id, std::string_view reason);

}  // namespace foodorder::order
