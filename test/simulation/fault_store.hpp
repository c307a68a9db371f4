#pragma once

#include "database/service_tables.hpp"
#include "plan.hpp"
#include "trace.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foodorder::simulation {

/// What the stores of all processes share.
struct StoreControl {
  StoreControl(Clock& the_clock, Trace& the_trace, std::uint64_t seed)
      : clock(the_clock), trace(the_trace), random(seed) {}

  Clock& clock;
  Trace& trace;
  Random random;
  TableFaults faults;
  bool poison = false;              ///< who works on an order of `poison_item` crashes
  std::vector<std::string> doomed;  ///< those who did
  std::uint64_t lost = 0;           ///< answers of writes
  /// Called when a service begins to work on a request with that path for that event, if set.
  std::function<void(std::string_view path, const std::string& event_id)> begins;
};

inline constexpr const char* poison_item = "dish 1";

/// One process's way to the store: its calls fail, wait and lose their answers as `control` says. `signals` is what it
/// hears of commits.
std::unique_ptr<database::ServiceStore> make_fault_store(database::ServiceStore& inner, StoreControl& control,
                                                         std::shared_ptr<database::Signals> signals);

}  // namespace foodorder::simulation
