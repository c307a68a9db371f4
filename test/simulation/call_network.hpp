#pragma once

#include "call_judge.hpp"
#include "http/network.hpp"
#include "plan.hpp"
#include "random.hpp"
#include "trace.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace foodorder::simulation {

class CallServer;
struct Flight;

/// What carries requests between services in place of sockets: they arrive late, twice or never, and so do answers. All
/// of it is within the contracts of http::Client and http::Server. It outlives those who call and who answer.
class CallNetwork {
 public:
  CallNetwork(Clock& clock, Trace& trace, std::uint64_t seed, Complain complain)
      : clock_(clock), trace_(trace), random_(seed), complain_(std::move(complain)) {}

  void set(const CallFaults& faults) { faults_ = faults; }

  /// The network as one process sees it. `judged` says by which rules each of its breakers works.
  [[nodiscard]] std::unique_ptr<http::Network> join(std::function<calls::Breaker::Spec(std::string_view path)> judged);

  /// A service begins to work on a request: somebody must still wait for its answer.
  void begins(std::string_view path, const std::string& id) const;
  /// Tries that have not ended.
  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }
  /// When the last try began or ended.
  [[nodiscard]] Timestamp last_use() const noexcept { return last_use_; }
  /// Path and event of each request whose caller was given the true answer.
  [[nodiscard]] const std::set<std::pair<std::string, std::string>>& answered() const noexcept { return answered_; }

 private:
  friend class CallClient;
  friend class CallServer;

  class Joined;

  /// Sends it; the caller waits.
  void send(const std::shared_ptr<Flight>& flight, std::uint16_t port);
  void deliver(const std::shared_ptr<Flight>& flight, std::uint16_t port);
  void is_read(const Flight& flight);
  /// The service has answered.
  void answer(const std::shared_ptr<Flight>& flight, const http::Response& response);
  [[nodiscard]] CallServer* at(std::uint16_t port) const;
  [[nodiscard]] bool later(double probability, std::function<void()> what);
  [[nodiscard]] http::ClientAnswer wrong_answer();
  [[nodiscard]] http::ClientAnswer failure();
  void tell(const Flight& flight, std::string_view what);
  void ends(Flight& flight, http::ClientAnswer answer);

  Clock& clock_;
  Trace& trace_;
  Random random_;
  const Complain complain_;
  CallFaults faults_;
  std::map<std::uint16_t, CallServer*> servers_;
  std::uint16_t last_port_ = 10'000;
  std::size_t under_way_ = 0;
  Timestamp last_use_{};
  std::map<std::pair<std::string, std::string>, Timestamp> waited_until_;  ///< by path and event, as services know it
  std::set<std::pair<std::string, std::string>> answered_;
};

}  // namespace foodorder::simulation
