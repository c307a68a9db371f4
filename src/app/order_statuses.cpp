#include "order_statuses.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace foodorder::app {

namespace {

struct Column {
  std::string_view head;
  std::string_view field;
};
constexpr std::array<Column, 5> columns = {
    {{"ORDER", "id"}, {"STATUS", "status"}, {"CUSTOMER", "customerName"}, {"ITEM", "item"}, {"UPDATED", "updatedAt"}}};
using Row = std::array<std::string, columns.size()>;

/// Nothing in a log commands the terminal.
std::string printable(std::string_view text) {
  std::string shown(text.empty() ? "?" : text);
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return shown;
}

/// Code points, which is what a terminal shows for most scripts.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string table(const std::vector<Row>& rows) {
  std::array<std::size_t, columns.size()> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i)
      text += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
    text += row.back() + '\n';
  }
  return text;
}

std::string counted(std::int64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

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
  std::optional<json::object> status = record.record->value ? status_of(*record.record->value) : std::nullopt;
  if (record.record->value && !status) {
    ++ignored_;
    return;
  }
  const std::string id = record.record->key.value_or("");
  if (!record.record->value) ++tombstones_;
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
  std::vector<Row> rows(1);
  for (std::size_t i = 0; i < columns.size(); ++i) rows.front()[i] = columns[i].head;
  const std::vector<const json::object*> living = by_age();
  for (const json::object* order : living) {
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i) row[i] = printable(text_at(*order, columns[i].field));
  }
  const std::string ignored =
      ignored_ == 0 ? "" : fmt::format(", {} that tell no status", counted(ignored_, "foreign record"));
  return fmt::format("{}{} from {} of order-status, {}{}; {} written in all\n",
                     living.empty() ? "" : table(rows) + "\n",
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
