#include "runtime/control.hpp"

#include "foodorder/base/join.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/base/utf8.hpp"
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "foodorder/runtime/topics.hpp"
#include "instance_ids.hpp"
#include "module_status.hpp"

#include <prometheus/counter.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

namespace foodorder {

namespace {

ConsumerSpec commands_spec(const std::string& process) {
  ConsumerSpec spec(process + "-control", {std::string(topics::module_control)});
  spec.offset_reset = ConsumerSpec::OffsetReset::latest;
  return spec;
}

}  // namespace

Result<std::map<std::string, SettingValue>> settings_from_json(const json::object& settings) {
  std::map<std::string, SettingValue> values;
  for (const auto& [name, value] : settings) {
    if (value.is_int64())
      values.emplace(name, value.get_int64());
    else if (value.is_double())
      values.emplace(name, value.get_double());
    else if (value.is_string())
      values.emplace(name, std::string(value.get_string()));
    else
      return Error(Errc::invalid_argument, fmt::format("{} must be a number or a string", shortened(name)));
  }
  return values;
}

json::object settings_to_json(const Settings& settings) {
  json::object object;
  for (const auto& [name, value] : settings.values())
    std::visit([&, key = std::string_view(name)](const auto& held) { object[key] = held; }, value);
  return object;
}

ControlPlane::ControlPlane(EventBus& bus, Clock& clock, IdSource& ids, Supervisor& supervisor, std::string process)
    : clock_(clock),
      supervisor_(supervisor),
      ids_(ids),
      process_(std::move(process)),
      ignored_commands_(unparsable_records(supervisor.metrics(), topics::module_control)),
      events_(clock, ids, "module-control"),
      producer_(bus.producer(ProducerSpec(process_ + "-control"))),
      directory_(
          bus, clock, process_, [this](json::object& status) { take_answer(status); },
          unparsable_records(supervisor.metrics(), topics::module_status)),
      commands_(bus.subscribe(commands_spec(process_)), clock,
                [this](ConsumerEvent event) { return take_commands(std::move(event)); }),
      board_(std::make_unique<StatusBoard>(clock, events_, *producer_, supervisor, directory_, process_)),
      new_ids_(std::make_unique<InstanceIds>(clock, supervisor, directory_, *board_, process_)) {
  supervisor_.on_change([this](const std::string& instance) { board_->changed(instance); });
}

ControlPlane::~ControlPlane() = default;

Task<> ControlPlane::run() {
  std::vector<Task<>> parts;
  parts.push_back(directory_.run());
  parts.push_back(commands_.run());
  parts.push_back(board_->run());
  co_await join(std::move(parts));
  co_await board_->take_back_all();
  co_await producer_->close();
}

void ControlPlane::stop() {
  new_ids_->stop();
  directory_.stop();
  commands_.stop();
  board_->stop();
}

// ------------------------------------------------------------------------------------------------- commands

void ControlPlane::take_answer(json::object& status) {
  CommandOutcome outcome;
  outcome.answered = true;
  outcome.error_code = text_at(status, "commandErrorCode");
  outcome.error = text_at(status, "commandError");
  const std::string command_id(text_at(status, "commandId"));
  for (const char* name : {"commandId", "commandError", "commandErrorCode"}) status.erase(name);
  const auto found = waiting_.find(command_id);
  if (found == waiting_.end()) return;
  if (const auto answer = found->second.lock()) {
    outcome.status = status;
    answer->outcome = std::move(outcome);
    answer->arrived.notify_all();
  }
  waiting_.erase(found);
}

Task<CommandOutcome> ControlPlane::command(std::string instance, std::string action, json::object settings) {
  const std::string id = ids_.uuid();
  const json::object body{{"commandId", id},
                          {"instance", instance},
                          {"action", action},
                          {"settings", std::move(settings)},
                          {"timestamp", std::string(to_iso_millis(clock_.now()))}};
  ProducerRecord record(std::string(topics::module_control),
                        events_.originate("foodorder.module.command", instance, serialize_json(body)));
  // The answer may be read before the command's own acknowledgement comes.
  const auto answer = std::make_shared<Answer>();
  std::erase_if(waiting_, [](const auto& entry) { return entry.second.expired(); });  // their requests were cut off
  waiting_.emplace(id, answer);
  const auto sent = co_await producer_->send(std::move(record));
  if (!sent) {
    CommandOutcome refused;
    refused.answered = true;
    refused.error_code = to_string(sent.error().code);
    refused.error = sent.error().message;
    co_return refused;
  }
  if (!answer->outcome) co_await answer->arrived.wait_until(clock_, clock_.now() + answer_timeout);
  co_return std::move(answer->outcome).value_or(CommandOutcome());
}

Task<> ControlPlane::take_commands(ConsumerEvent event) {
  const auto* batch = std::get_if<Records>(&event);
  if (!batch) co_return;
  const Executor executor = co_await asio::this_coro::executor;
  for (const ConsumerRecord& record : batch->records) {
    std::optional<ModuleCommand> command = read_module_command(*record.record);
    if (!command)
      ignored_commands_.Increment();
    else if (supervisor_.has(command->instance))
      asio::co_spawn(executor, execute(std::move(*command)), asio::detached);
  }
}

Task<> ControlPlane::execute(ModuleCommand command) {
  Result<void> result = co_await apply(command);
  for (const InstanceStatus& status : supervisor_.statuses()) {
    if (status.instance != command.instance) continue;
    json::object body = board_->body_of(status);
    body["commandId"] = command.id;
    if (!result) {
      body["commandError"] = result.error().message;
      body["commandErrorCode"] = to_string(result.error().code);
    }
    co_await board_->show(status.instance, std::move(body));
  }
}

Task<Result<void>> ControlPlane::apply(const ModuleCommand& command) {
  const std::string& instance = command.instance;
  if (command.action == "start") co_return supervisor_.start(instance);
  if (command.action == "crash") co_return supervisor_.crash(instance);
  if (command.action == "pause") co_return supervisor_.pause(instance, true);
  if (command.action == "resume") co_return supervisor_.pause(instance, false);
  if (command.action == "stop") {
    const auto stopped = co_await supervisor_.stop(instance);
    co_return stopped;
  }
  if (command.action == "replay") {
    const auto replayed = co_await supervisor_.replay(instance);
    if (!replayed) co_return replayed.error();
    co_return Result<void>();
  }
  if (command.action == "configure") {
    const auto settings = settings_from_json(command.settings);
    if (!settings) co_return settings.error();
    co_return supervisor_.configure(instance, *settings);
  }
  co_return Error(Errc::invalid_argument, fmt::format("there is no action {}", shortened(command.action)));
}

// ------------------------------------------------------------------------------------------- one more instance

Task<Result<std::string>> ControlPlane::add(std::string kind, std::string id, Settings settings) {
  auto claim = std::make_shared<InstanceIds::Claim>();
  auto taken = co_await new_ids_->take(kind, std::move(id), claim);
  if (!taken) co_return taken;
  if (const auto added = supervisor_.add(kind, *taken, std::move(settings)); !added) {
    co_await board_->take_back(*taken);
    co_return added.error();
  }
  if (const auto started = supervisor_.start(*taken); !started) co_return started.error();
  co_return taken;
}

Task<Result<json::object>> ControlPlane::add(std::string kind_name, json::object changes) {
  const ModuleKind* kind = supervisor_.find_kind(kind_name);
  if (!kind) co_return Error(Errc::not_found, fmt::format("there is no module {}", kind_name));
  const auto values = settings_from_json(changes);
  if (!values) co_return values.error();
  Settings settings(kind->settings);
  for (const auto& [name, value] : *values)
    if (const auto set = settings.set(name, value); !set) co_return set.error();
  const auto id = co_await add(std::move(kind_name), "", std::move(settings));
  if (!id) co_return id.error();
  for (const InstanceStatus& status : supervisor_.statuses())
    if (status.instance == *id) co_return board_->body_of(status);
  co_return Error(Errc::not_found, *id);
}

}  // namespace foodorder
