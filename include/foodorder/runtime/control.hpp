#pragma once

#include "foodorder/base/park.hpp"
#include "foodorder/runtime/envelope.hpp"
#include "foodorder/runtime/supervisor.hpp"
#include "foodorder/runtime/view.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace foodorder {

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
  /// How long a command is waited for, and how old a status may be before its instance counts as lost.
  static constexpr Duration answer_timeout = std::chrono::seconds(2);
  static constexpr Duration lost_after = std::chrono::seconds(3);

  /// `process` names this process in the statuses. All references outlive this.
  ControlPlane(EventBus& bus, Clock& clock, IdSource& ids, Supervisor& supervisor, std::string process);

  /// Works until stop().
  Task<> run();
  void stop();

  /// It knows the statuses that the log held when it began.
  [[nodiscard]] bool ready() const noexcept { return directory_.caught_up(); }

  /// The bodies of `module-status`, by instance; `state` is "lost" for one that has been silent.
  [[nodiscard]] std::vector<json::object> modules() const;
  [[nodiscard]] std::optional<json::object> module(std::string_view instance) const;
  /// The newest `report` of a kind's instances that are alive; none if there is no such instance.
  [[nodiscard]] std::optional<json::object> report_of(std::string_view kind) const;

  /// Sends a command and waits for its answer. `settings` is for the action "configure".
  Task<CommandOutcome> command(std::string instance, std::string action, json::object settings);

  /// One more instance of a kind, in this process, started. Its id is the next number that is free everywhere.
  Task<Result<json::object>> add(std::string kind, json::object settings);

  /// Statuses have changed: for live displays.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

 private:
  struct Command {
    Command(std::string command_id, std::string target, std::string what, json::object values)
        : id(std::move(command_id)),
          instance(std::move(target)),
          action(std::move(what)),
          settings(std::move(values)) {}

    std::string id;
    std::string instance;
    std::string action;
    json::object settings;
  };
  struct Seen {
    json::object body;
    Timestamp time;
  };
  /// Where the answer to a command goes; the command owns it.
  struct Answer {
    std::optional<CommandOutcome> outcome;
    Waiter<Wake> waiter;
  };

  void take_status(const ConsumerRecord& record);
  Task<> take_commands(ConsumerEvent event);
  Task<> execute(Command command);
  Task<Result<void>> apply(const Command& command);
  Task<> publish_loop();
  Task<> publish(std::vector<Record> statuses);
  Record status_record(const InstanceStatus& status);
  json::object status_body(const InstanceStatus& status) const;
  [[nodiscard]] std::string next_free_id(std::string_view kind) const;
  void wake_publisher();

  EventBus& bus_;
  Clock& clock_;
  Supervisor& supervisor_;
  IdSource& ids_;
  std::string process_;
  Envelope envelope_;
  std::map<std::string, Seen, std::less<>> seen_;
  std::map<std::string, std::weak_ptr<Answer>, std::less<>> waiting_;  ///< by command id
  std::set<std::string> changed_;
  std::uint64_t version_ = 0;
  bool stopping_ = false;
  Waiter<Wake> publisher_;
  std::unique_ptr<Producer> producer_;
  View directory_;
  Pump commands_;
};

/// Reads settings as JSON carries them. Errors: invalid_argument, naming the one that is neither number nor text.
Result<std::map<std::string, SettingValue>> settings_from_json(const json::object& settings);
json::object settings_to_json(const Settings& settings);

}  // namespace foodorder
