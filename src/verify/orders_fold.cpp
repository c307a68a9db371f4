#include "orders_fold.hpp"

#include "foodorder/bus/partitioner.hpp"
#include "foodorder/runtime/envelope.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <tuple>

namespace foodorder::verify {

namespace {

constexpr std::int32_t orders_partitions = 3;

std::string status_of(const Order& order, Timestamp updated_at) {
  json::object status;
  status["id"] = order.id;
  status["customerName"] = order.customer_name;
  status["item"] = order.item;
  status["status"] = order.status;
  status["updatedAt"] = to_iso_millis(updated_at).view();
  return json::serialize(status);
}

}  // namespace

void OrdersFold::record(const Entry& entry) {
  if (entry.topic == Topic::order_status && entry.key()) {
    if (entry.value())
      status_.insert_or_assign(*entry.key(), *entry.value());
    else
      status_.erase(*entry.key());
  }
  if (entry.topic != Topic::orders || !entry.order) return;
  const Position& at = entry.record.position;
  written_.emplace(std::pair(at.tp.partition, at.offset),
                   Written{entry.order->order.id, std::string(to_string(entry.order->action))});
  const std::string& item = entry.order->order.item;
  items_.insert(item);
  if (refused_.contains(item)) report_.add("refused", fmt::format("{}: its request was refused", entry.place()));
  if (entry.retries == 0) fold(entry);
}

void OrdersFold::fold(const Entry& entry) {
  const OrderEvent& event = *entry.order;
  const std::string& id = event.order.id;
  const auto known = live_.find(id);
  switch (event.action) {
    case OrderAction::created:
      // A creation repeated under its Idempotency-Key is the first one's echo, and has its id. Another that follows a
      // deletion is a new event.
      if (find_header(entry.record.record->headers, headers::body_hash) && !placed_by_key_.insert(entry.id).second)
        return;
      if (known == live_.end())
        live_.emplace(id, Live{event.order, event.timestamp, believed_time(entry.time, *entry.record.record)});
      else
        known->second = Live{event.order, event.timestamp, known->second.born};
      return;
    case OrderAction::updated:
      if (known != live_.end()) known->second = Live{event.order, event.timestamp, known->second.born};
      return;
    case OrderAction::deleted:
      if (known != live_.end()) live_.erase(known);
      return;
  }
}

void OrdersFold::acknowledged(const Acknowledged& write) {
  const std::int32_t partition = partition_for_key(write.order_id, orders_partitions);
  const auto found = written_.find({partition, write.offset});
  if (found == written_.end() || found->second.order_id != write.order_id || found->second.action != write.action)
    report_.add("acknowledged", fmt::format("a client was told that order {} is {}, but orders-{}@{} does not say so",
                                            write.order_id, write.action, partition, write.offset));
}

/// Its own write, or one that came after it.
void OrdersFold::read(const Acknowledged& write, std::optional<std::int64_t> offset) {
  const std::int32_t partition = partition_for_key(write.order_id, orders_partitions);
  if (offset) {
    if (*offset < write.offset)
      report_.add("own-writes", fmt::format("order {} was {} at orders-{}@{}, and then shown as of @{}", write.order_id,
                                            write.action, partition, write.offset, *offset));
    return;
  }
  // It may be gone by a deletion behind it, or by one in front of it that the service did not know yet.
  const auto gone = [&](const auto& written) {
    return written.second.order_id == write.order_id && written.second.action == "deleted";
  };
  if (std::none_of(written_.begin(), written_.end(), gone))
    report_.add("own-writes", fmt::format("order {} was {} at orders-{}@{}, and then not found", write.order_id,
                                          write.action, partition, write.offset));
}

void OrdersFold::refused(std::string item) {
  if (items_.contains(item)) report_.add("refused", fmt::format("{} is on orders, but was refused", item));
  refused_.insert(std::move(item));
}

void OrdersFold::finish(bool settled) {
  if (!settled) return;
  for (const auto& [id, live] : live_) {
    const auto status = status_.find(id);
    const std::string right = status_of(live.order, live.updated_at);
    if (status == status_.end())
      report_.add("status-fold", fmt::format("order-status knows nothing of order {}", id));
    else if (status->second != right)
      report_.add("status-fold", fmt::format("order-status says {}, the log of orders {}", status->second, right));
  }
  for (const auto& [id, status] : status_)
    if (!live_.contains(id))
      report_.add("status-fold", fmt::format("order-status has {}, which is not among the orders", status));
}

void OrdersFold::check_orders(std::string_view json_array) {
  std::vector<std::pair<Timestamp, const Order*>> by_age;
  for (const auto& [id, live] : live_) by_age.emplace_back(live.born, &live.order);
  std::sort(by_age.begin(), by_age.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second->id) < std::tie(b.first, b.second->id);
  });
  std::string expected = "[";
  for (const auto& [born, order] : by_age) {
    if (expected.size() > 1) expected += ',';
    write_json(expected, *order);
  }
  expected += ']';
  if (json_array == expected) return;
  const auto given = parse_json(json_array);
  if (!given || *given != parse_json(expected).value())
    report_.add("view-fold", fmt::format("GET /api/orders gives {}, the log of orders {}", json_array, expected));
}

}  // namespace foodorder::verify
