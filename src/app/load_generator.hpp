#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/http/http.hpp"
#include "load_plan.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace foodorder::app {

/// Places orders at a steady rate, as clients would: through the handler of `POST /api/orders`. An order is sent at its
/// planned time whether those before it are answered or not (an open loop), so a slow system is not spared.
class LoadGenerator {
 public:
  static constexpr double rate_max_per_second = 2000;
  /// A load that nobody renews ends by itself.
  static constexpr Duration run_max = std::chrono::minutes(10);
  /// Orders that are sent and not answered. One that is due beyond that is not sent, and counted.
  static constexpr std::size_t in_flight_max_orders = 512;

  struct Load {
    bool operator==(const Load&) const = default;

    double rate_per_second = 0;
    LoadScenario scenario = LoadScenario::steady;
    std::uint64_t seed = 0;
  };

  /// `place` is the handler of `POST /api/orders`.
  LoadGenerator(Clock& clock, http::Handler place);

  /// Sends what is asked for until stop().
  Task<> run();
  void stop();

  /// Starts a load, in place of the one that runs; the same one goes on, and its 10 minutes begin anew. A rate of 0
  /// ends it.
  void set(const Load& load);
  /// Ends it. The answers to orders that were sent are still counted.
  void end() { ends_ = {}; }

  /// {running, rate, scenario, seed, startedAt, endsAt, sent, accepted, refused, notSent, inFlight} of the load that
  /// runs, or ran last; only {running: false} before the first. `refused` counts answers other than 201.
  [[nodiscard]] json::object status() const;

 private:
  /// Shared with orders that are on their way, which a newer load may overtake.
  struct Counts {
    std::uint64_t due = 0;
    std::uint64_t sent = 0;
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
  };

  [[nodiscard]] bool running() const { return clock_.now() < ends_; }
  void send_due(const Executor& executor);
  static Task<> send(http::Handler place, std::string body, std::shared_ptr<Counts> counts,
                     std::shared_ptr<std::size_t> in_flight);

  Clock& clock_;
  http::Handler place_;
  Load load_;
  Timestamp began_{};
  Timestamp ends_{};
  std::shared_ptr<Counts> counts_;  ///< null before the first load
  std::shared_ptr<std::size_t> in_flight_ = std::make_shared<std::size_t>(0);
  AsyncEvent changed_;
  bool stopping_ = false;
};

/// `GET`, `PUT` and `DELETE /api/load`. `load` outlives them.
std::vector<http::Route> load_routes(LoadGenerator& load);

}  // namespace foodorder::app
