#pragma once

#include "entry.hpp"

#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace foodorder::verify {

/// What only a database promises: an order, its audit row and the verdict on it are one transaction, so they stand one
/// behind the other; an order that was blocked is not there; each verdict counts what was committed before it, and
/// nobody was blocked, or let through, against the rule; and of a delivery one worker alone tells.
class Transactions {
 public:
  Transactions(const Terms& terms, Report& report) : terms_(terms), report_(report) {}

  void record(const Entry& entry);
  void finish();

 private:
  struct Placed {
    std::int64_t offset;
    std::string event;
    Timestamp at;
    std::string customer;
    std::int64_t total_cents;
  };
  struct Row {
    std::int64_t offset;
    std::string cause;
    std::string what;
    int times = 1;  ///< how often it was told so far
  };
  struct Verdict {
    std::int64_t offset;
    std::string event;
    std::string customer;
    Timestamp at;  ///< that the order has
    bool blocked;
    std::string text;  ///< as said() makes it
    std::vector<std::string> alerts;
  };
  /// The times of orders, sorted.
  using Times = std::vector<Timestamp>;
  struct Recent {
    std::int64_t by_customer;
    std::int64_t over_all;
  };

  void audit(const Entry& entry);
  void verdict(const Entry& entry);
  void check_place(const Row& row, std::int64_t behind) const;
  void judge(const Verdict& verdict) const;
  void check_blocked(const Verdict& verdict) const;
  void check_not_placed(const Verdict& verdict) const;
  void judge_in_order();
  void judge_alone() const;
  [[nodiscard]] Recent recent(const std::string& customer, Timestamp at) const;
  [[nodiscard]] bool blocks(std::string_view alert) const;

  const Terms& terms_;
  Report& report_;
  std::unordered_map<std::string, std::int64_t> events_;  ///< to their offsets
  std::vector<Placed> placed_;
  std::unordered_map<std::string, std::int64_t> totals_;  ///< of orders that were placed, by event
  std::vector<Row> told_;                                 ///< audit rows of the order service
  std::vector<Verdict> verdicts_;
  std::unordered_map<std::string, std::vector<std::int64_t>> letters_;  ///< offsets of dead jobs, which may start again
  std::map<std::string, int> deliveries_;                               ///< how often a delivery was told
  std::unordered_set<std::string> skipped_;         ///< events whose order service heard no verdict, whatever it was
  std::vector<Row> twice_;                          ///< deliveries that were told before
  std::map<std::string, Times> times_by_customer_;  ///< of what was placed before the verdict that is judged
  Times times_;
};

}  // namespace foodorder::verify
