#pragma once

#include "calls/caller.hpp"
#include "fault_bus.hpp"
#include "foodorder/runtime/settings.hpp"

#include <map>
#include <string>
#include <vector>

namespace foodorder::simulation {

/// How often what goes wrong with a database, each as a probability for a call, and what each way is told.
struct TableFaults {
  double refuse = 0;       ///< another process holds it: nothing is written
  double lose_answer = 0;  ///< it is done, and told that nobody knows
  double delay = 0;        ///< before it reaches the database
  double delay_answer = 0;
  double bad_row = 0;      ///< the schema refuses the last row of an order
  double interrupt = 0;    ///< in a statement, for each 200 steps of it: SQLite may end the whole transaction
  double fail_commit = 0;  ///< the commit fails, and nothing is written
  double fail_read = 0;
  Duration delay_max = std::chrono::milliseconds(500);
};

/// How often what goes wrong with a request of one service to another, each as a probability for a try.
struct CallFaults {
  double refuse = 0;       ///< there is no connection: nothing arrives
  double lose = 0;         ///< it never arrives, and nobody says so
  double delay = 0;        ///< before it arrives, perhaps when nobody waits any more
  double repeat = 0;       ///< it arrives twice, as where a connection ended before its answer began
  double fail = 0;         ///< something between answers 5xx in its place
  double wrong = 0;        ///< something else answers in its place
  double lose_answer = 0;  ///< the work is done, and nobody hears of it
  double delay_answer = 0;
  double fail_late = 0;   ///< the work is done, and the answer is 5xx
  double wrong_late = 0;  ///< the work is done, and the answer is something else
  Duration delay_max = std::chrono::milliseconds(500);
};

/// Calls of the simulator's own along an arrow of its own: more, and by other policies, than services make.
struct LoadPlan {
  std::size_t calls = 0;
  calls::Policy policy;
  bool crashes = false;  ///< who calls ends without a word, once, and another one goes on
};

/// What one world is made of. Worlds differ much: each has only some of the faults, so that none hides another.
struct Plan {
  /// An instance that runs from `from` on.
  struct Part {
    std::string kind;
    int number = 1;
    Duration from{};
    int process = 0;  ///< those of one are killed together
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
  // Of a database alone, which is there if there are processes:
  int processes = 0;
  double kill = 0;        ///< all of its process end without a word
  double trouble = 0;     ///< the disk is full, or answers nothing, for a time
  Duration clock_back{};  ///< so much is the clock of a process that was killed behind when it comes back
  bool poison = false;    ///< who works on the first order crashes
  std::string fraud_query;
  TableFaults table_faults;
  // Of services that call each other:
  bool accept_unchecked = false;
  bool outbox = false;
  CallFaults call_faults;
  LoadPlan load;
  Duration away_max = std::chrono::seconds(15);
};

/// The plan of a seed: four worlds of five are tiny, some are large.
Plan plan_for(std::uint64_t seed);
/// The same for the monolith, and for services that call each other.
Plan monolith_plan_for(std::uint64_t seed);
Plan rest_plan_for(std::uint64_t seed);

}  // namespace foodorder::simulation
