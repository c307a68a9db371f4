#pragma once

#include "arrows.hpp"
#include "database/service_tables.hpp"
#include "foodorder/base/retry_log.hpp"
#include "foodorder/base/wait.hpp"
#include "monolith/order_module.hpp"

namespace foodorder::rest {

/// One instance's part in telling other services what a service has written into its own audit table, page by page: of
/// one order in the order of its rows. With an outbox each row is told until it is taken, also after a restart
/// (Richardson: Microservices Patterns, 2018, "Transactional outbox", by polling); without, it is told once, and what
/// fails is a gap. All of it outlives the teller.
class Teller final : public monolith::Companion {
 public:
  struct Parts {
    database::ServiceStore& store;
    Clock& clock;
    TrackedArrow& audit;
    TrackedArrow* notify = nullptr;  ///< of the order service: hears of each event of an order
    bool outbox = false;
  };

  explicit Teller(const Parts& parts) : parts_(parts) {}

  Task<> prepare() override;
  Task<> run() override;
  void stop() override;

 private:
  Task<> wait_for_turn();
  Task<bool> begin();
  /// Rows of one order.
  using Lane = std::vector<const database::JournalRow*>;
  Task<std::size_t> tell_page();
  Task<> tell_lane(const Lane& lane, std::size_t& told);
  Task<bool> tell_once(const database::JournalRow& row, bool& notified);
  Task<bool> tell(TrackedArrow& arrow, calls::Call call);
  Task<> remember();

  Parts parts_;
  std::int64_t remembered_ = 0;  ///< what this one has kept in the database
  AsyncEvent ended_;
  Condition retries_;  ///< wait for their time, or the stop
  Waiter<Wake> idle_;
  RetryLog reading_{"the outbox"};
  bool stopping_ = false;
};

}  // namespace foodorder::rest
