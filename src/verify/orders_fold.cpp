#include "orders_fold.hpp"

#include "foodorder/runtime/event_headers.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <tuple>

namespace foodorder::verify {

namespace {

std::string status_of(const Order& order, Timestamp updated_at) {
  json::object status;
  status["id"] = order.id;
  status["customerName"] = order.customer_name;
  status["item"] = order.item;
  status["status"] = order.status;
  status["updatedAt"] = to_iso_millis(updated_at).view();
  return json::serialize(status);
}

/// Whoever can write to the broker may write anything on `order-status`: what tells no status is left out.
bool is_status(std::string_view value) {
  const auto parsed = parse_json(value);
  const auto* body = parsed ? parsed->if_object() : nullptr;
  const auto has = [&](std::string_view name) { return !text_at(*body, name).empty(); };
  return body && has("id") && has("status") && has("updatedAt");
}

}  // namespace

void OrdersFold::record(const Entry& entry) {
  if (entry.topic == Topic::order_status && entry.key()) {
    const std::string id(*entry.key());
    if (!entry.value())
      status_.erase(id);
    else if (is_status(*entry.value()))
      status_.insert_or_assign(id, *entry.value());
  }
  if (entry.topic != Topic::orders || !entry.order) return;
  const Position& at = entry.record.position;
  const Record& content = *entry.record.record;
  Written written{*entry.order,
                  content.timestamp,
                  at.tp.partition,
                  at.offset,
                  // Offsets of a database are the order of its commits.
                  terms_.job_queue ? Timestamp(Duration(at.offset)) : believed_time(entry.time, content),
                  !entry.first_delivery(),
                  {}};
  if (!written.retry) {
    Timestamp& latest = latest_.try_emplace({entry.order->order.id, at.tp.partition}, content.timestamp).first->second;
    latest = written.time = std::max(latest, content.timestamp);
  }
  if (entry.order->action == OrderAction::created && find_header(content.headers, headers::body_hash))
    written.placed_by_key = entry.id;
  written_.emplace(std::pair(at.tp.partition, at.offset), std::move(written));
  const std::string& item = entry.order->order.item;
  items_.insert(item);
  if (refused_.contains(item)) report_.add("refused", fmt::format("{}: its request was refused", entry.place()));
}

bool OrdersFold::Written::before(const Written& other) const noexcept {
  return std::tie(time, partition, offset) < std::tie(other.time, other.partition, other.offset);
}

/// All writes to one order, the first one first.
void OrdersFold::fold(std::vector<const Written*> writes) {
  std::sort(writes.begin(), writes.end(), [](const Written* a, const Written* b) { return a->before(*b); });
  std::map<std::int32_t, std::string> placed_by_key;  // the last one of each partition
  std::optional<Live> live;
  for (const Written* write : writes) {
    const OrderEvent& event = write->event;
    if (event.action == OrderAction::deleted) {
      live.reset();
    } else if (event.action == OrderAction::updated) {
      if (live) live = Live{event.order, event.timestamp, live->created_at};
    } else {
      // A creation repeated under its Idempotency-Key is the first one's echo, and has its id. Another that follows a
      // deletion is a new event.
      std::string& last = placed_by_key[write->partition];
      if (!write->placed_by_key.empty() && last == write->placed_by_key) continue;
      if (!write->placed_by_key.empty()) last = write->placed_by_key;
      live = Live{event.order, event.timestamp, write->created_at};
    }
  }
  if (live) live_.insert_or_assign(writes.front()->event.order.id, *live);
}

const OrdersFold::Written* OrdersFold::find(const Acknowledged& write) const {
  const auto found = written_.find({write.at.partition, write.at.offset});
  const bool same = found != written_.end() && found->second.event.order.id == write.order_id &&
                    to_string(found->second.event.action) == write.action;
  return same ? &found->second : nullptr;
}

void OrdersFold::acknowledged(const Acknowledged& write) {
  if (!find(write))
    report_.add("acknowledged",
                fmt::format("order {} was acknowledged to a client as {}, but orders-{}@{} does not say so",
                            write.order_id, write.action, write.at.partition, write.at.offset));
}

/// Its own write, or one that came after it.
void OrdersFold::read(const Acknowledged& write, const std::optional<RecordPlace>& shown) {
  const Written* const own = find(write);
  if (!own) return;  // told already
  if (shown) {
    const auto found = written_.find({shown->partition, shown->offset});
    if (found == written_.end() || found->second.before(*own))
      report_.add("own-writes",
                  fmt::format("order {} was {} at orders-{}@{}, and then shown as of orders-{}@{}", write.order_id,
                              write.action, write.at.partition, write.at.offset, shown->partition, shown->offset));
    return;
  }
  // It may be gone by a deletion behind it, or by one in front of it that the service did not know yet.
  const auto gone = [&](const auto& written) {
    return written.second.event.order.id == write.order_id && written.second.event.action == OrderAction::deleted;
  };
  if (std::none_of(written_.begin(), written_.end(), gone))
    report_.add("own-writes", fmt::format("order {} was {} at orders-{}@{}, and then not found", write.order_id,
                                          write.action, write.at.partition, write.at.offset));
}

void OrdersFold::refused(std::string item) {
  if (items_.contains(item)) report_.add("refused", fmt::format("{} is on orders, but was refused", item));
  refused_.insert(std::move(item));
}

void OrdersFold::finish(bool settled) {
  if (!settled) return;
  std::map<std::string, std::vector<const Written*>> by_order;
  for (const auto& [place, written] : written_)
    if (!written.retry) by_order[written.event.order.id].push_back(&written);
  for (auto& [id, writes] : by_order) fold(std::move(writes));
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
  for (const auto& [id, live] : live_) by_age.emplace_back(live.created_at, &live.order);
  std::sort(by_age.begin(), by_age.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second->id) < std::tie(b.first, b.second->id);
  });
  std::string expected = "[";
  for (const auto& [created_at, order] : by_age) {
    if (expected.size() > 1) expected += ',';
    expected += to_json(*order);
  }
  expected += ']';
  if (json_array == expected) return;
  const auto given = parse_json(json_array);
  if (!given || *given != parse_json(expected).value())
    report_.add("view-fold", fmt::format("GET /api/orders gives {}, the log of orders {}", json_array, expected));
}

}  // namespace foodorder::verify
