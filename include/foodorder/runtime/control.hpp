#pragma once

#include "foodorder/base/retry_log.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/envelope.hpp"
#include "foodorder/runtime/instance_directory.hpp"
#include "foodorder/runtime/supervisor.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
}

namespace foodorder {

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
  /// An id that is being taken, held by who takes it.
  struct Claim {};
  /// Where the answer to a command goes; the command owns it.
  struct Answer {
    std::optional<CommandOutcome> outcome;
    Condition arrived;
  };

  void take_answer(json::object& status);
  Task<> take_commands(ConsumerEvent event);
  Task<> execute(ModuleCommand command);
  Task<Result<void>> apply(const ModuleCommand& command);
  Task<> publish_loop();
  Task<> publish(std::vector<Record> statuses);
  Task<> publish_without_reports(std::vector<ProducerRecord> too_large);
  Record status_record(const InstanceStatus& status);
  Record tombstone_of(const std::string& instance);
  json::object status_body(const InstanceStatus& status) const;
  Task<Result<std::string>> take_id(std::string kind, std::string wanted, std::shared_ptr<Claim>& claim);
  Task<std::string> next_free_id(std::string kind);
  /// Why an id cannot be had; empty if it can.
  [[nodiscard]] std::string why_taken(std::string_view instance) const;
  Task<> take_back_statuses();
  void warn_of_doubles();
  void wake_publisher();

  Clock& clock_;
  Supervisor& supervisor_;
  IdSource& ids_;
  std::string process_;
  prometheus::Counter& ignored_commands_;
  Envelope envelope_;
  std::map<std::string, std::weak_ptr<Answer>, std::less<>> waiting_;  ///< by command id
  std::map<std::string, std::weak_ptr<Claim>, std::less<>> claims_;    ///< by instance
  std::set<std::string> changed_;
  RetryLog publishing_{"module-status"};
  bool too_large_told_ = false;
  std::set<std::string> doubles_;  ///< instances that another process runs, too
  bool stopping_ = false;
  Condition publisher_;
  std::unique_ptr<Producer> producer_;
  InstanceDirectory directory_;
  Pump commands_;
};

/// Reads settings as JSON carries them. Errors: invalid_argument, naming the one that is neither number nor text.
Result<std::map<std::string, SettingValue>> settings_from_json(const json::object& settings);
json::object settings_to_json(const Settings& settings);

}  // namespace foodorder
