#pragma once

#include "breaker.hpp"
#include "call_figures.hpp"
#include "call_record.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/base/result.hpp"
#include "foodorder/base/task.hpp"
#include "http/client.hpp"
#include "retry_budget.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// How one service calls another: never longer than the deadline, never more load than the budget allows, and not at all
// while the other one is known to be down.

namespace foodorder::calls {

/// Which service calls which, and for what.
struct Arrow {
  std::string name;  ///< "order-fraud-check"
  std::string from;
  std::string to;
  std::string path;  ///< of the POST
  /// Whether an answer is one of that service: another page, another service and an older one may answer 200, too.
  std::function<bool(const http::ClientAnswer& answer)> fits;
};

/// The bounds of one call.
struct Policy {
  Duration total = std::chrono::seconds(1);               ///< all tries and the pauses between them
  Duration try_timeout = std::chrono::milliseconds(300);  ///< of one try
  int tries_max = 2;
  Duration backoff = std::chrono::milliseconds(50);  ///< before the first retry at most; doubles with each
  Duration backoff_max = std::chrono::milliseconds(500);
  std::size_t calls_max = 64;  ///< at the same time (Nygard: "Bulkheads")
  Breaker::Spec breaker;
  RetryBudget::Spec budget;
};

/// Faults that the user asks for.
struct Fault {
  bool operator==(const Fault&) const = default;

  bool refuse = false;   ///< no try reaches the other service
  Duration delay{};      ///< before each try is sent
  double fail_rate = 0;  ///< how often the answer of a try is lost, after the other service has done its work
};

struct Call {
  Call() = default;

  std::string subject;                ///< what it is about: the id of an order
  std::string event;                  ///< what it tells of that: "created"
  std::string body;                   ///< JSON
  std::optional<Timestamp> deadline;  ///< of what this call is a part of; the policy's counts where it is earlier
  std::vector<std::pair<std::string, std::string>> headers;  ///< to carry along
};

/// The calls along one arrow. Coroutines that are destroyed while they call leave nothing behind. All calls come from
/// the loop's thread.
class Caller {
 public:
  /// `client` and `clock` outlive it. `seed` decides the pauses and the faults.
  Caller(http::Client& client, Clock& clock, std::uint64_t seed, Arrow arrow, const Policy& policy);
  ~Caller();
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  /// Completes by the deadline, with an answer that fits. How long it still waits goes along with each try, in
  /// `X-Deadline-Ms`, so that nobody works on what no one waits for: its timeout, or what is left of the deadline. A
  /// try that may have worked is tried again: the other service folds what comes twice. Errors: unavailable (nothing
  /// was done), outcome_unknown (it may be done), queue_full (too many calls are under way; nothing was done).
  Task<Result<http::ClientAnswer>> call(Call call);

  /// `keep` gets the record of each call that has ended; of one whose coroutine was destroyed it gets none. It outlives
  /// the calls.
  using Keep = std::function<void(CallRecord record)>;
  void set_keep(Keep keep);

  [[nodiscard]] const Arrow& arrow() const noexcept;
  [[nodiscard]] const Policy& policy() const noexcept;
  [[nodiscard]] const CallCounts& counts() const noexcept;
  [[nodiscard]] std::optional<Duration> quantile(double share) const;
  [[nodiscard]] Breaker::State breaker() const;
  [[nodiscard]] std::uint64_t breaker_openings() const;
  /// While it is open: when the first probe may go out.
  [[nodiscard]] std::optional<Timestamp> probes_at() const;
  /// While it is half-open: how many probes have passed.
  [[nodiscard]] std::size_t probes_passed() const;
  [[nodiscard]] std::size_t in_flight() const noexcept;
  /// Why the last try that failed did; empty if none has.
  [[nodiscard]] const std::string& last_error() const noexcept;
  [[nodiscard]] const Fault& fault() const noexcept;
  void set_fault(const Fault& fault);

 private:
  struct State;

  std::shared_ptr<State> state_;  ///< shared with the calls under way
};

/// The request header that says how long its caller still waits, in milliseconds. A duration, as gRPC's `grpc-timeout`:
/// no two machines need the same time.
inline constexpr std::string_view deadline_header = "X-Deadline-Ms";

}  // namespace foodorder::calls
