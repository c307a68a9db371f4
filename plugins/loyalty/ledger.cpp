#include "ledger.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <utility>
#include <vector>

namespace foodorder::loyalty {

namespace {

// The limits of an order (quantity 1000, price 100000) and of pointsPerUnit: a gift above is not ours.
constexpr std::int64_t points_max = 1'000 * 100'000 * points_per_unit_max;
constexpr std::size_t name_max_bytes = 400;

Error not_a_gift(std::string_view why) {
  return Error(Errc::invalid_argument, fmt::format("not a {} body: {}", points_added, why));
}

}  // namespace

std::int64_t points_for(const Order& order, std::int64_t points_per_unit) noexcept {
  return order.total_cents() / 100 * points_per_unit;
}

void add_members(JsonObject& body, const Gift& gift) {
  body.add("customerName", gift.customer_name).add("points", gift.points);
}

Result<Gift> parse_gift(std::string_view text) {
  const Result<json::value> value = parse_json(text);
  if (!value) return value.error();
  const json::object* body = value->if_object();
  if (!body) return not_a_gift("it is not a JSON object");
  const json::value* name = body->if_contains("customerName");
  const json::string* customer = name ? name->if_string() : nullptr;
  if (!customer || customer->empty() || customer->size() > name_max_bytes) return not_a_gift("customerName");
  const json::value* points = body->if_contains("points");
  const std::int64_t* count = points ? points->if_int64() : nullptr;
  if (!count || *count < 1 || *count > points_max) return not_a_gift("points");
  return Gift(std::string(std::string_view(*customer)), *count);
}

void Ledger::add(const EventKey& event, const Gift& gift) {
  if (!seen_.insert(event)) return;
  ++orders_;
  points_ += gift.points;
  if (const auto known = balances_.find(gift.customer_name); known != balances_.end())
    known->second += gift.points;
  else if (balances_.size() < customers_max_)
    balances_.emplace(gift.customer_name, gift.points);
  else
    other_points_ += gift.points;
}

std::int64_t Ledger::balance(std::string_view customer_name) const {
  const auto found = balances_.find(customer_name);
  return found == balances_.end() ? 0 : found->second;
}

json::object Ledger::figures() const {
  std::vector<std::pair<std::string_view, std::int64_t>> top(balances_.begin(), balances_.end());
  const auto shown = top.begin() + static_cast<std::ptrdiff_t>(std::min(customers_shown, top.size()));
  std::partial_sort(top.begin(), shown, top.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  top.erase(shown, top.end());
  json::array customers;
  for (const auto& [name, points] : top) {
    json::object customer;
    customer["customerName"] = name;
    customer["points"] = points;
    customers.push_back(std::move(customer));
  }
  json::object figures;
  figures["points"] = points_;
  figures["orders"] = orders_;
  figures["customers"] = static_cast<std::int64_t>(balances_.size());
  figures["otherPoints"] = other_points_;
  figures["topCustomers"] = std::move(customers);
  return figures;
}

}  // namespace foodorder::loyalty
