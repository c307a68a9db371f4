#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/view.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
}

namespace foodorder {

/// Which module instances there are, in all processes on the bus: a view of `module-status`. Records that are no status
/// are counted and otherwise ignored.
///
/// An instance belongs to the process that shows it first in the order of that log, until a tombstone takes it back or
/// it is silent for `lost_after`. All processes read the same log, so all know the same owner; of two that take one id
/// at the same moment, the one whose status has the higher offset reads that it came second.
class InstanceDirectory {
 public:
  /// How old the newest status may be before its instance counts as lost.
  static constexpr Duration lost_after = std::chrono::seconds(3);
  /// Beyond so many, one that is lost makes room; if none is, the new one is ignored and counted.
  static constexpr std::size_t instances_max = 1'000;
  /// Is shown the body of each status, and may take out what is not for everybody.
  using Read = std::function<void(json::object& body)>;

  /// `ignored` outlives this.
  InstanceDirectory(EventBus& bus, Clock& clock, const std::string& process, Read read, prometheus::Counter& ignored);

  /// Follows the log until stop(), which also ends all waits.
  Task<> run() { return view_.run(); }
  void stop();

  /// It knows the statuses that the log held when it began.
  [[nodiscard]] bool ready() const noexcept { return view_.caught_up(); }

  /// The bodies of `module-status`, by instance; `state` is "lost" for one that has been silent.
  [[nodiscard]] std::vector<json::object> modules() const;
  [[nodiscard]] std::optional<json::object> module(std::string_view instance) const;
  /// The newest `report` of a kind's instances that are alive and ready; none if there is no such instance.
  [[nodiscard]] std::optional<json::object> report_of(std::string_view kind) const;
  /// The process that an instance belongs to; empty if it is nobody's, or lost.
  [[nodiscard]] std::string owner(std::string_view instance) const;

  /// Counts what was read.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

  /// Completes once owner() is sure. A status that was found in the log may be the last sign of a process that has just
  /// been killed: the next one is waited for, or that it is lost.
  Task<> wait_until_sure(std::string instance);
  /// Completes once the record at that position has been read, or its log is no more.
  Task<> wait_until_read(Position status);

 private:
  struct Seen {
    json::object body;
    Timestamp heard;    ///< by the clock of this process; of a status found in the log, when it was written
    bool came = false;  ///< it came while this process was reading, it was not found
  };

  void take(const ConsumerRecord& record);
  bool make_room();
  [[nodiscard]] bool lost(const Seen& seen) const;

  Clock& clock_;
  Read read_;
  prometheus::Counter& ignored_;
  std::map<std::string, Seen, std::less<>> seen_;
  std::uint64_t version_ = 0;
  std::uint64_t logs_ = 0;  ///< how often the topic was deleted and made again
  bool stopped_ = false;
  Condition moved_;
  View view_;  // last: its consumer goes first
};

}  // namespace foodorder
