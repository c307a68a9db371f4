#pragma once

#include "entry.hpp"

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace foodorder::verify {

/// The figures that analytics must show, counted again from the beginning.
class StatisticsReplay {
 public:
  explicit StatisticsReplay(Report& report) : report_(report) {}

  void record(const Entry& entry);
  void check(const json::object& figures) const;

 private:
  void order(const Entry& entry);
  void notification(const Entry& entry);
  void ledger(const Entry& entry);
  [[nodiscard]] std::map<std::string, double> expected() const;
  [[nodiscard]] std::map<std::string, double> expected_ledger() const;
  void compare(const std::map<std::string, double>& shown, const std::map<std::string, double>& expected) const;

  Report& report_;
  std::unordered_set<std::string> seen_;
  std::map<std::string, std::int64_t> by_action_;
  std::map<std::string, std::int64_t> by_notification_;
  std::map<std::string, std::int64_t> by_item_;
  std::map<std::string, std::int64_t> by_minute_;
  std::int64_t revenue_cents_ = 0;
  std::unordered_map<std::string, Timestamp> created_;
  std::unordered_map<std::string, Timestamp> notified_;
  std::unordered_set<std::string> accepted_;           ///< events on `orders`
  std::unordered_map<std::string, std::string> ends_;  ///< how each ended first, by the figure that counts it
};

}  // namespace foodorder::verify
