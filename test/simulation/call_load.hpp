#pragma once

#include "base/fault_domain.hpp"
#include "call_network.hpp"
#include "scheduler.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace foodorder::simulation {

/// Calls a service of the simulator's own, by a Caller of the program, more often and by other rules than services do,
/// and compares what each call is told with what that service has really done.
class CallLoad final : public http::Client {
 public:
  struct Parts {
    CallNetwork& network;
    Scheduler& scheduler;
    Clock& clock;
    Trace& trace;
    const Plan& plan;
    Complain complain;
  };

  explicit CallLoad(const Parts& parts);
  ~CallLoad() override;
  CallLoad(const CallLoad&) = delete;
  CallLoad& operator=(const CallLoad&) = delete;

  /// No fault is left: once all calls have ended, further ones must work.
  void heal();
  [[nodiscard]] bool done() const noexcept { return open_ == 0; }
  /// What must be true at the end.
  void check_end() const;

 private:
  struct Asked {
    Timestamp deadline{};
    int tries = 0;
  };

  Task<Result<http::ClientAnswer>> exchange(http::ClientRequest request, Timestamp deadline) override;
  Task<http::Response> serve(const http::Request& request);
  Task<> call_later();
  Task<bool> call();
  Task<> recover();
  void spawn(Task<> task);
  void crash();
  void check_try(const std::string& id, Timestamp deadline);
  void check_budget(Timestamp now);

  Parts parts_;
  const calls::Policy& policy_;
  Random random_;
  std::unique_ptr<http::Network> network_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<calls::Caller> caller_;
  std::size_t open_ = 0;
  std::size_t last_ = 0;
  std::map<std::string, Asked> asked_;  ///< calls that are under way
  std::set<std::string> done_;          ///< by the service
  std::set<std::string> surely_not_;    ///< as those who called were told
  std::deque<Timestamp> calls_;
  std::deque<Timestamp> retries_;
  const Scheduler::Actor serves_;
  const Scheduler::Actor calls_on_;
  FaultDomain serving_;
  std::unique_ptr<FaultDomain> calling_;
};

}  // namespace foodorder::simulation
