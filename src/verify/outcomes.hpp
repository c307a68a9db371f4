#pragma once

#include "entry.hpp"

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace foodorder::verify {

/// What became of each event of `orders`: its deliveries, its outcome, what the other services said of it, and whether
/// it was committed before all of that was in the log.
class Outcomes {
 public:
  Outcomes(const Terms& terms, Report& report) : terms_(terms), report_(report) {}

  void record(const Entry& entry);
  void committed(std::string_view group, const Position& next);
  void status_compacted() { status_compacted_ = true; }
  void finish(bool settled);

  [[nodiscard]] std::size_t events() const noexcept { return events_.size(); }
  [[nodiscard]] const std::vector<std::string>& gaps() const noexcept { return gaps_; }
  [[nodiscard]] std::size_t lone_copies() const noexcept { return lone_copies_.size(); }

 private:
  /// What notification said of one delivery.
  enum Said : unsigned { notified = 1, retried = 2, dead_lettered = 4, dropped = 8 };

  struct Retry {
    Retry(std::string where, std::int64_t which, std::uint64_t what)
        : place(std::move(where)), count(which), content(what) {}

    std::string place;
    std::int64_t count;
    std::uint64_t content;
  };
  struct Event {
    Position first;  ///< its first delivery
    /// The retry count that it begins with: 0, unless a stranger has written what calls itself a retry.
    std::int64_t begins_at = 0;
    std::string order_id;
    std::string order;  ///< as JSON, where there are copies of it
    /// Of each first delivery: echoes under an Idempotency-Key differ in time.
    std::set<std::uint64_t> first_contents;
    std::vector<Retry> retries;
    bool readable = false;
    bool created = false;
    std::set<std::int64_t> deliveries;         ///< retry counts
    std::map<std::int64_t, unsigned> outcome;  ///< by the retry count that notification tells
    bool letter = false;                       ///< on orders-dlq
    int letters = 0;                           ///< so many
    int redrives = 0;                          ///< each may end in another outcome
    bool retry_refused = false;                ///< its letter says that a retry did not fit
    std::string ended_early;                   ///< what is wrong if that is not so
    bool on_audit = false;                     ///< by the order service on `audit`
    bool status = false;                       ///< by the order service on `order-status`
    bool judged = false;                       ///< by fraud
    bool counted = false;                      ///< by analytics
  };
  struct Delivery {
    Delivery(std::int64_t at, std::string which, std::int64_t count)
        : offset(at), event(std::move(which)), retries(count) {}

    std::int64_t offset;
    std::string event;
    std::int64_t retries;
  };
  using Delivered = std::vector<Delivery>;

  void delivery(const Entry& entry);
  void retry(const Entry& entry, Event& event);
  void finish_retries(const Event& event);
  void letter_in_place(const Entry& entry, std::string_view topic);
  void audit(const Entry& entry);
  void notification(const Entry& entry, Event& event);
  void in_order(const Entry& entry, const Event& event);
  void identity(const Entry& entry);
  void finish_event(const std::string& id, const Event& event, bool settled);
  void order_service_said(const Entry& entry, Event& event);
  /// Something that must be told was not told: a gap, where services call each other.
  void not_told(std::string_view rule, std::string what);
  [[nodiscard]] std::string missing(std::string_view group, const Delivery& delivery) const;

  const Terms& terms_;
  Report& report_;
  std::unordered_map<std::string, Event> events_;
  std::vector<std::string> event_ids_;                       ///< ids of events_, as they came
  std::map<std::int32_t, Delivered> deliveries_;             ///< of `orders`, by partition
  std::map<std::string, std::size_t, std::less<>> checked_;  ///< by group and partition: deliveries looked at
  std::unordered_map<std::string, std::string> work_of_;     ///< ce_id to the work that it stands for
  std::unordered_map<std::string, std::string> id_of_;       ///< and the other way round
  std::unordered_set<std::string> placed_again_;             ///< ce_ids of creations that may follow a deletion
  bool status_compacted_ = false;
  std::vector<std::string> gaps_;
  std::unordered_set<std::string> lone_copies_;                  ///< causes of verdicts on what is no order so far
  std::unordered_map<std::string, std::int64_t> last_in_order_;  ///< by source, partition and order id: an offset
};

}  // namespace foodorder::verify
