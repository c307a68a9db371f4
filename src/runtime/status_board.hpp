#pragma once

#include "foodorder/base/retry_log.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "runtime/instance_directory.hpp"
#include "runtime/supervisor.hpp"

#include <set>
#include <string>
#include <vector>

namespace foodorder {

/// Shows the instances of this process on `module-status`: all of them every second, one at once after its change.
class StatusBoard {
 public:
  /// All references outlive it.
  StatusBoard(Clock& clock, EventWriter& events, Producer& producer, const Supervisor& supervisor,
              const InstanceDirectory& directory, std::string process);

  /// Works until stop().
  Task<> run();
  void stop();
  void changed(const std::string& instance);

  [[nodiscard]] json::object body_of(const InstanceStatus& status) const;
  /// Shows a body that body_of() made, with what was added to it.
  Task<> show(std::string instance, json::object body);
  /// Shows an instance that is not there yet. Completes with the position of its status; `status` lives until then.
  Task<Result<Position>> announce(const InstanceStatus& status);
  Task<> take_back(std::string instance);
  /// Takes back all that belong to this process: nobody is to miss them.
  Task<> take_back_all();

 private:
  Record record_of(std::string_view instance, Record::Bytes body);
  Task<> publish(std::vector<Record> statuses);
  Task<> publish_without_reports(std::vector<ProducerRecord> too_large);
  void warn_of_doubles();

  Clock& clock_;
  EventWriter& events_;
  Producer& producer_;
  const Supervisor& supervisor_;
  const InstanceDirectory& directory_;
  std::string process_;
  std::set<std::string> changed_;
  Condition wake_;  ///< an instance has changed, or stop()
  RetryLog publishing_{"module-status"};
  bool too_large_told_ = false;
  std::set<std::string> doubles_;  ///< instances that another process runs, too
  bool stopping_ = false;
};

}  // namespace foodorder
