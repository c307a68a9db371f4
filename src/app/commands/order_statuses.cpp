#include "order_statuses.hpp"

#include "output.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace foodorder::app {

namespace {

constexpr std::array<std::string_view, 5> fields = {"id", "status", "customerName", "item", "updatedAt"};

/// Whoever can write to the broker may write anything: what tells no status gives none.
std::optional<json::object> status_of(std::string_view value) {
  auto body = parse_json(value);
  if (!body || !body->is_object()) return {};
  json::object& status = body->get_object();
  const auto lacks = [&](std::string_view name) { return text_at(status, name).empty(); };
  if (lacks("id") || lacks("status") || lacks("updatedAt")) return {};
  return std::move(status);
}

}  // namespace

void OrderStatuses::take(const ConsumerRecord& record) {
  ++records_;
  std::optional<json::object> status = record.record->value() ? status_of(*record.record->value()) : std::nullopt;
  if (record.record->value() && !status) {
    ++ignored_;
    return;
  }
  const std::string id(record.record->key().value_or(""));
  if (!record.record->value()) ++tombstones_;
  const auto [known, added] = orders_.try_emplace(id);
  Status& latest = known->second;
  const Position& at = record.position;
  const WriteRank rank = latest.ranks.next(at.tp.partition, at.offset, record.record->timestamp);
  if (!added && !is_later(rank, latest.last)) return;
  latest.last = rank;
  if (status) status->insert_or_assign("id", id);
  latest.body = std::move(status);
}

std::vector<const json::object*> OrderStatuses::by_age() const {
  std::vector<const json::object*> orders;
  for (const auto& [id, status] : orders_)
    if (status.body) orders.push_back(&*status.body);
  std::stable_sort(orders.begin(), orders.end(), [](const json::object* a, const json::object* b) {
    return text_at(*a, "updatedAt") < text_at(*b, "updatedAt");
  });
  return orders;
}

std::string OrderStatuses::as_text() const {
  const Output plain(false, false, 0);
  Table table({"ORDER", "STATUS", "CUSTOMER", "ITEM", "UPDATED"});
  const std::vector<const json::object*> living = by_age();
  for (const json::object* order : living) {
    std::vector<Table::Cell> row;
    for (const std::string_view field : fields) {
      const std::string_view text = text_at(*order, field);
      row.emplace_back(text.empty() ? "?" : text);
    }
    table.add(std::move(row));
  }
  const std::string ignored =
      ignored_ == 0 ? "" : fmt::format(", {} that tell no status", counted(ignored_, "foreign record"));
  return fmt::format("{}{} from {} of order-status, {}{}; {} written in all\n",
                     living.empty() ? "" : table.text(plain) + "\n",
                     counted(static_cast<std::int64_t>(living.size()), "living order"), counted(records_, "record"),
                     counted(tombstones_, "tombstone"), ignored, written_);
}

std::string OrderStatuses::as_json() const {
  json::array orders;
  for (const json::object* order : by_age()) orders.push_back(*order);
  const std::size_t living = orders.size();
  const json::object all{{"orders", std::move(orders)}, {"living", living},    {"records", records_},
                         {"tombstones", tombstones_},   {"ignored", ignored_}, {"written", written_}};
  return serialize_json(all) + '\n';
}

}  // namespace foodorder::app
