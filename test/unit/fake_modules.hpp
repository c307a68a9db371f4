#pragma once

#include "foodorder/base/park.hpp"
#include "runtime/supervisor.hpp"
#include "support/memory_world.hpp"

#include <map>
#include <string>
#include <vector>

namespace foodorder::test {

/// Steers the fake modules of the test at hand, and holds what they did.
struct Script {
  struct Run {
    std::string instance;
    Timestamp at;
  };

  /// Instances whose run() throws "the oven is cold", that long after it began.
  std::map<std::string, Duration> fails_after;
  /// What throws "the oven is cold": "make", "report", "pause", "configure", "stop"; or a 7, if it is
  /// "report a number".
  std::string throws;
  bool fails_stopping = false;  ///< after stop(), run() throws
  bool holds_calls = false;     ///< requests and replays wait for let_go()
  bool holds_stop = false;      ///< after stop(), run() waits for let_go()

  json::object replay_summary;
  json::object report;

  void let_go();
  [[nodiscard]] std::size_t count(std::string_view line) const;

  std::vector<Run> runs;
  std::vector<std::string> lines;  ///< "fake-1 stop", "fake-1 pause", "fake-1 speed 3", ...
  std::vector<Waiter<Wake>> held;
};

/// A loop in virtual time with a memory bus and the program's topics, and a script for its modules.
class Stage : public MemoryWorld {
 public:
  Stage();
  ~Stage();

  /// "fake" does what the script says and serves GET /fake; "member" is a member of "fake-group" on `orders`.
  [[nodiscard]] static std::vector<ModuleKind> kinds();
  [[nodiscard]] Supervisor::Parts parts();

  /// The members of "fake-group", as the bus knows them.
  [[nodiscard]] std::vector<std::string> members();

  Script script;
};

}  // namespace foodorder::test
