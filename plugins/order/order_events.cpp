#include "order_events.hpp"

#include "foodorder/base/json.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/runtime/topics.hpp"
#include "order_http/conditions.hpp"

#include <limits>

namespace foodorder::order {

namespace {

constexpr std::string_view audit_type = "foodorder.audit";
constexpr std::string_view status_type = "foodorder.order-status";

void add_status(Record record, LogPlace from, Output& output) {
  record.headers.add(headers::source_partition, from.partition);
  record.headers.add(headers::source_offset, from.offset);
  output.emplace_back(std::string(topics::order_status), std::move(record));
}

}  // namespace

void add_what_follows(const ConsumerRecord& cause, const OrderEvent& event, EventWriter& events, Output& output) {
  const std::string& id = event.order.id;
  const std::string_view action = to_string(event.action);
  const auto fill = [&](JsonObject& body) {
    body.add_object("order", [&](JsonObject& inner) { add_members(inner, event.order); });
  };
  output.push_back(events.audit(cause, audit_type, action, id, fill, 0, event.timestamp));
  TextBuffer status;
  const bool lives = event.action != OrderAction::deleted;
  if (lives) status = status_json(event.order, event.timestamp);
  Record record = events.derive(cause, status_type, "status", id, lives ? Record::Bytes(status.view()) : std::nullopt);
  add_status(std::move(record), {cause.position.tp.partition, cause.position.offset}, output);
}

void add_correction(const OrderStatus& correction, EventWriter& events, Output& output) {
  add_status(events.originate(status_type, correction.id, correction.value), correction.source, output);
}

void log_order(std::string_view instance, const OrderEvent& event) {
  if (!log::enabled(log::Level::info)) return;
  const Order& order = event.order;
  log::info("order", {{"instance", instance},
                      {"action", to_string(event.action)},
                      {"orderId", order.id},
                      {"customerName", order.customer_name},
                      {"item", order.item},
                      {"quantity", order.quantity},
                      {"price", decimal_from_cents(order.price_cents)}});
}

std::optional<LogPlace> source_of(const Record& record) {
  const auto number = [&](const HeaderName& header, std::int64_t max) -> std::optional<std::int64_t> {
    const auto found = find_number(record.headers, header);
    return found && *found >= 0 && *found <= max ? found : std::nullopt;
  };
  const auto partition = number(headers::source_partition, std::numeric_limits<std::int32_t>::max());
  const auto offset = number(headers::source_offset, std::numeric_limits<std::int64_t>::max());
  if (!record.key() || !partition || !offset) return {};
  return LogPlace{static_cast<std::int32_t>(*partition), *offset};
}

}  // namespace foodorder::order
