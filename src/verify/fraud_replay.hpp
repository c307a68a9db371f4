#pragma once

#include "entry.hpp"

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace foodorder::verify {

/// What fraud must have said of each new order, judged again from the beginning in the order of event time.
class FraudReplay {
 public:
  FraudReplay(const Terms& terms, Report& report) : terms_(terms), report_(report) {}

  void record(const Entry& entry);
  void not_exact() { exact_ = false; }
  [[nodiscard]] bool exact() const noexcept { return exact_; }
  void finish(bool settled);

 private:
  struct Placed {
    Timestamp time;  ///< ce_time, as far as it is believed: the order in which they are judged
    std::int32_t partition;
    std::int64_t offset;
    std::string event;
    std::string customer;
    std::int64_t total_cents;
    Timestamp at;  ///< the order's own time, likewise: what the windows go by
  };
  struct Verdict {
    std::string text;
    std::string place;
  };

  void note_lateness(const Entry& entry, Timestamp time);
  void judge(const Placed& placed);

  const Terms& terms_;
  Report& report_;
  bool exact_ = true;
  std::map<std::int32_t, Timestamp> latest_;  ///< log times, by partition
  std::vector<Placed> placed_;
  std::multimap<Timestamp, const Placed*> window_;  ///< by the orders' own times
  Timestamp newest_ = Timestamp::min();
  std::unordered_map<std::string, std::vector<std::string>> expected_;  ///< by event: mostly one
  std::unordered_map<std::string, std::vector<Verdict>> said_;
};

}  // namespace foodorder::verify
