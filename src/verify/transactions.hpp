#pragma once

#include "entry.hpp"

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace foodorder::verify {

/// What only a database promises: an order, its audit row and the verdict on it are one transaction, so they stand one
/// behind the other; an order that was blocked is not there, and nobody was blocked, or let through, against the rule;
/// and of a delivery one worker alone tells.
class Transactions {
 public:
  Transactions(const Terms& terms, Report& report) : terms_(terms), report_(report) {}

  void record(const Entry& entry);
  void finish();

 private:
  struct Placed {
    std::int64_t offset;
    Timestamp at;
    std::string customer;
    bool created;
  };
  struct Row {
    std::int64_t offset;
    std::string cause;
    std::string what;
  };
  struct Blocked {
    std::int64_t offset;
    std::string cause;
    std::string customer;
    Timestamp at;
    bool severe;  ///< one of its alerts is as severe as what blocks
  };

  void audit(const Entry& entry);
  void verdict(const Entry& entry);
  void check_place(const Row& row, std::int64_t behind) const;
  /// Orders of that customer in the window that ends at `at`, in front of that offset.
  [[nodiscard]] std::int64_t recent(const std::string& customer, Timestamp at, std::int64_t before) const;
  [[nodiscard]] int rank_of(std::string_view severity) const;

  const Terms& terms_;
  Report& report_;
  std::unordered_map<std::string, Placed> placed_;  ///< by event
  std::map<std::string, std::vector<const Placed*>> by_customer_;
  std::vector<Row> told_;      ///< audit rows of the order service
  std::vector<Row> verdicts_;  ///< on orders that were let through
  std::vector<Blocked> blocked_;
  std::set<std::string> letters_;  ///< events with a dead job: they may have been started again
  std::vector<Row> twice_;         ///< deliveries that were told before
  std::set<std::string> deliveries_;
};

}  // namespace foodorder::verify
