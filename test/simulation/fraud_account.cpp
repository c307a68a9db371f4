#include "fraud_account.hpp"

#include "foodorder/base/json.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace foodorder::simulation {

namespace {

struct Copy {
  std::string customer;
  Timestamp at;
};

Duration window_of(const Plan& plan) {
  const auto fraud = plan.settings.find("fraud");
  if (fraud == plan.settings.end() || !fraud->second.contains("windowMs")) return std::chrono::minutes(1);
  return std::chrono::milliseconds(std::get<std::int64_t>(fraud->second.at("windowMs")));
}

}  // namespace

void check_counts(const std::vector<database::JournalRow>& journal, const Plan& plan, const Complain& complain) {
  const Duration window = window_of(plan);
  std::map<std::string, Copy> copies;  // by order
  for (const database::JournalRow& row : journal) {
    const json::object verdict = parse_json(row.logged.body).value().as_object();
    const Copy checked{std::string(text_at(verdict, "customerName")),
                       parse_iso(text_at(verdict, "timestamp")).value_or(Timestamp())};
    const auto before = copies.extract(row.logged.order_id);  // another request for it is judged in its place
    const auto counted = [&](bool all) {
      return 1 + std::count_if(copies.begin(), copies.end(), [&](const auto& copy) {
               return copy.second.at > checked.at - window && (all || copy.second.customer == checked.customer);
             });
    };
    const json::object& stats = verdict.at("windowStats").as_object();
    if (stats.at("customerOrdersInWindow") != counted(false) || stats.at("globalOrdersInWindow") != counted(true))
      complain("check-once", fmt::format("fraud counts {} for {}, and there are {} and {}", json::serialize(stats),
                                         row.logged.order_id, counted(false), counted(true)));
    if (!verdict.contains("blocked"))
      copies.emplace(row.logged.order_id, checked);
    else if (before)
      copies.emplace(row.logged.order_id, before.mapped());
  }
}

}  // namespace foodorder::simulation
