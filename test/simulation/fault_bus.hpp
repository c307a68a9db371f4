#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "random.hpp"
#include "trace.hpp"

#include <functional>
#include <memory>

namespace foodorder::simulation {

/// How often what goes wrong, each as a probability. All within the contract of EventBus.
struct Faults {
  double refuse_send = 0;           ///< not written, and told so; then also what follows in the same call
  double lose_acknowledgement = 0;  ///< written, and told that nobody knows; then also what follows in the same call
  double duplicate_send = 0;        ///< written twice, as by a producer that tries again without idempotence
  double delay_send = 0;            ///< before it is written; the producer's order stays
  double delay_acknowledgement = 0;
  double refuse_commit = 0;
  double lose_commit_answer = 0;  ///< committed, and told that it was not
  double fail_next = 0;
  double delay_delivery = 0;
  double fail_admin = 0;
  Duration send_delay_max = std::chrono::milliseconds(20);
  Duration delay_max = std::chrono::milliseconds(500);
};

/// Called for each commit that the inner bus has accepted.
using Committed =
    std::function<void(const std::string& client_id, const std::string& group, const std::vector<Position>& next)>;

/// What the faulty bus and all of its producers and consumers share.
struct FaultControl {
  FaultControl(Clock& the_clock, Trace& the_trace, std::uint64_t seed)
      : clock(the_clock), trace(the_trace), random(seed) {}

  Clock& clock;
  Trace& trace;
  Random random;
  Faults faults;
  std::uint64_t sends = 0;  ///< calls that have reached the bus under it
  Committed committed;
};

/// A bus whose sends, commits and answers fail, wait and double as `control` says.
std::unique_ptr<EventBus> make_fault_bus(EventBus& inner, FaultControl& control);

}  // namespace foodorder::simulation
