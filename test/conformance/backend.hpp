#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"

#include <functional>
#include <memory>
#include <string>

namespace foodorder::conformance {

/// The loop that a case runs on and the time that it lives by.
class Stage {
 public:
  virtual ~Stage() = default;

  virtual Executor executor() = 0;
  virtual Clock& clock() = 0;

  /// Runs the loop until `done`, or until `limit` has passed on the clock; says whether it was done.
  virtual bool run_until(const std::function<bool()>& done, Duration limit) = 0;
};

/// Time that moves on by itself when nothing is left to do: a session of ten seconds costs nothing.
std::unique_ptr<Stage> make_virtual_stage();

/// The system's clock, for buses whose other half (a broker) lives by it.
std::unique_ptr<Stage> make_real_stage();

/// How a transaction of a client that is not ours ends.
enum class Ending { committed, aborted, timed_out };

/// A bus to be tested: all that the suite knows of it.
struct Backend {
  /// As it stands in reports and in docs/internals/conformance.md.
  std::string name;
  std::function<std::unique_ptr<Stage>()> make_stage;
  /// Called for each case. The buses of two cases may share one broker: no case uses another's topics or groups.
  std::function<std::unique_ptr<EventBus>(Stage&)> make_bus;
  /// Members heartbeat on the case's own thread, so that a case can hold one up for longer than its session.
  bool members_can_be_held = false;
  /// It has consumer groups; without them a case's members are readers.
  bool groups = true;
  /// It takes topics and records as one likes; else a topic has one partition and no settings, and a record no header.
  bool own_records = true;
  /// Cases that run side by side, each on a thread of its own: for buses that mostly wait.
  std::size_t cases_at_once = 1;
  /// What others do beside the bus; not set where nobody can. They may block.
  std::function<void(const std::string& topic, Ending ending, int records)> transact{};
  std::function<void(const std::string& topic)> delete_topic{};
  std::function<void(const std::string& topic, int partitions)> add_partitions{};
};

/// The memory bus in virtual time.
Backend memory_backend();

/// The tables of the monolith, which are only read by the bus; transactions write them.
Backend tables_backend();

/// The memory bus in real time: the suite as a broker will meet it, sessions and all.
Backend memory_in_real_time();

}  // namespace foodorder::conformance
