#pragma once

#include "fault_bus.hpp"
#include "foodorder/runtime/settings.hpp"

#include <map>
#include <string>
#include <vector>

namespace foodorder::simulation {

/// What one world is made of. Worlds differ much: each has only some of the faults, so that none hides another.
struct Plan {
  /// An instance that runs from `from` on.
  struct Part {
    std::string kind;
    int number = 1;
    Duration from{};
  };

  std::uint64_t seed = 0;
  std::size_t requests = 2;                 ///< of clients, over all
  std::size_t readers = 0;                  ///< of the event stream
  Duration span = std::chrono::seconds(2);  ///< the requests and the faults fall into this time
  std::vector<Part> parts;
  std::map<std::string, std::map<std::string, SettingValue>> settings;  ///< by kind; others are the defaults
  Faults faults;

  // The chances, at each step, that some instance ...
  double crash = 0;      ///< ends without a word
  double hold = 0;       ///< does nothing for a time that may be longer than its session
  double stop = 0;       ///< leaves in good order, to come back later
  double pause = 0;      ///< is told to read nothing for a time
  double configure = 0;  ///< is given a setting that must change no outcome
  Duration away_max = std::chrono::seconds(15);
};

/// The plan of a seed: four worlds of five are tiny, some are large.
Plan plan_for(std::uint64_t seed);

}  // namespace foodorder::simulation
