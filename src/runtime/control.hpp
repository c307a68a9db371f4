#pragma once

#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "runtime/instance_directory.hpp"
#include "runtime/supervisor.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
}

namespace foodorder {

class InstanceIds;
class StatusBoard;
struct ModuleCommand;

/// What came of a command. `answered` is false where no process answered in time: it may still be carried out.
struct CommandOutcome {
  bool answered = false;
  json::object status;     ///< the instance's status after it, if answered
  std::string error_code;  ///< why it was refused (an Errc's name), empty if it was carried out
  std::string error;
};

/// Module control over the bus: commands go by `module-control`, states come by `module-status` (one record an
/// instance, every second and after each change), so that any process shows and controls the instances of all.
class ControlPlane {
 public:
  /// How long a command is waited for.
  static constexpr Duration answer_timeout = std::chrono::seconds(2);

  /// `process` names this process in the statuses, and no other. All references outlive this.
  ControlPlane(EventBus& bus, Clock& clock, IdSource& ids, Supervisor& supervisor, std::string process);
  ~ControlPlane();
  ControlPlane(const ControlPlane&) = delete;
  ControlPlane& operator=(const ControlPlane&) = delete;

  /// Works until stop(), then takes the statuses of this process's instances back: nobody is to miss them.
  Task<> run();
  void stop();

  /// The instances of all processes.
  [[nodiscard]] const InstanceDirectory& directory() const noexcept { return directory_; }

  /// Sends a command and waits for its answer. `settings` is for the action "configure".
  Task<CommandOutcome> command(std::string instance, std::string action, json::object settings);

  /// One more instance of a kind, in this process, started. `id`: empty for "<kind>-<n>" with the next number that is
  /// free in all processes. Completes, while run() works, with the id. Errors: those of Supervisor::add() and start(),
  /// invalid_argument also for an id that is alive elsewhere; unavailable, outcome_unknown where the bus is.
  Task<Result<std::string>> add(std::string kind, std::string id, Settings settings);
  /// The same with the next free number and settings as JSON has them; gives its status.
  Task<Result<json::object>> add(std::string kind, json::object settings);

 private:
  /// Where the answer to a command goes; the command owns it.
  struct Answer {
    std::optional<CommandOutcome> outcome;
    Condition arrived;
  };

  void take_answer(json::object& status);
  Task<> take_commands(ConsumerEvent event);
  Task<> execute(ModuleCommand command);
  Task<Result<void>> apply(const ModuleCommand& command);

  Clock& clock_;
  Supervisor& supervisor_;
  IdSource& ids_;
  std::string process_;
  prometheus::Counter& ignored_commands_;
  EventWriter events_;
  std::map<std::string, std::weak_ptr<Answer>, std::less<>> waiting_;  ///< by command id
  std::unique_ptr<Producer> producer_;
  InstanceDirectory directory_;
  Pump commands_;
  std::unique_ptr<StatusBoard> board_;
  std::unique_ptr<InstanceIds> new_ids_;
};

/// Reads settings as JSON carries them. Errors: invalid_argument, naming the one that is neither number nor text.
Result<std::map<std::string, SettingValue>> settings_from_json(const json::object& settings);
json::object settings_to_json(const Settings& settings);

}  // namespace foodorder
