#include "foodorder/runtime/control.hpp"

#include "foodorder/base/join.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/domain/json.hpp"
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/topics.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

namespace foodorder {

namespace {

constexpr Duration publish_interval = std::chrono::seconds(1);

ConsumerSpec commands_spec(const std::string& process) {
  ConsumerSpec spec(process + "-control", {std::string(topics::module_control)});
  spec.offset_reset = ConsumerSpec::OffsetReset::latest;
  return spec;
}

json::object object_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_object() ? value->get_object() : json::object();
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
      return Error(Errc::invalid_argument, fmt::format("{} must be a number or a string", std::string_view(name)));
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
    : bus_(bus),
      clock_(clock),
      supervisor_(supervisor),
      ids_(ids),
      process_(std::move(process)),
      envelope_(clock, ids, "module-control"),
      producer_(bus.producer(ProducerSpec(process_ + "-control"))),
      directory_(bus, clock, process_ + "-directory", {std::string(topics::module_status)},
                 [this](const ConsumerRecord& record) { take_status(record); }),
      commands_(bus.subscribe(commands_spec(process_)), clock,
                [this](ConsumerEvent event) { return take_commands(std::move(event)); }) {
  supervisor_.on_change([this](const std::string& instance) {
    changed_.insert(instance);
    wake_publisher();
  });
}

Task<> ControlPlane::run() {
  std::vector<Task<>> parts;
  parts.push_back(directory_.run());
  parts.push_back(commands_.run());
  parts.push_back(publish_loop());
  co_await join(std::move(parts));
  co_await producer_->close();
}

void ControlPlane::stop() {
  stopping_ = true;
  directory_.stop();
  commands_.stop();
  wake_publisher();
}

void ControlPlane::wake_publisher() { publisher_.complete(Wake{}); }

// ------------------------------------------------------------------------------------------------- statuses

Task<> ControlPlane::publish_loop() {
  while (!stopping_) {
    std::vector<Record> due;
    const bool all = changed_.empty();
    for (const InstanceStatus& status : supervisor_.statuses())
      if (all || changed_.contains(status.instance)) due.push_back(status_record(status));
    changed_.clear();
    co_await publish(std::move(due));
    if (stopping_ || !changed_.empty()) continue;
    co_await park<Wake>([&](Waiter<Wake> waiter) {
      publisher_ = waiter;
      clock_.call_at(clock_.now() + publish_interval, [waiter] { waiter.complete(Wake{}); });
    });
  }
}

Task<> ControlPlane::publish(std::vector<Record> statuses) {
  Outbox outbox;
  for (Record& status : statuses) outbox.emplace_back(std::string(topics::module_status), std::move(status));
  // A status that is lost is followed by the next one: no second try.
  const auto results = co_await producer_->send_all(std::move(outbox));
  for (const auto& result : results)
    if (!result && !stopping_) log::info("module-status: {}", result.error().message);
}

Record ControlPlane::status_record(const InstanceStatus& status) {
  return envelope_.originate("foodorder.module.status", status.instance, serialize_json(status_body(status)));
}

json::object ControlPlane::status_body(const InstanceStatus& status) const {
  json::object body{{"instance", status.instance},
                    {"kind", status.kind},
                    {"process", process_},
                    {"state", to_string(status.state)},
                    {"ready", status.ready},
                    {"restarts", status.restarts},
                    {"settings", settings_to_json(status.settings)},
                    {"report", status.report},
                    {"timestamp", to_iso_millis(clock_.now())}};
  if (!status.error.empty()) body["error"] = status.error;
  return body;
}

void ControlPlane::take_status(const ConsumerRecord& record) {
  ++version_;
  const std::string key = record.record->key.value_or("");
  if (!record.record->value) {
    seen_.erase(key);
    return;
  }
  auto body = parse_json(*record.record->value);
  if (!body || !body->is_object()) return;
  CommandOutcome outcome;
  outcome.answered = true;
  outcome.error_code = text_at(body->get_object(), "commandErrorCode");
  outcome.error = text_at(body->get_object(), "commandError");
  const std::string command_id(text_at(body->get_object(), "commandId"));
  for (const char* name : {"commandId", "commandError", "commandErrorCode"}) body->get_object().erase(name);
  outcome.status = body->get_object();
  seen_[key] = Seen{std::move(body->get_object()), event_time(*record.record)};
  if (const auto found = waiting_.find(command_id); found != waiting_.end()) {
    if (const auto answer = found->second.lock()) {
      answer->outcome = std::move(outcome);
      answer->waiter.complete(Wake{});
    }
    waiting_.erase(found);
  }
}

std::vector<json::object> ControlPlane::modules() const {
  std::vector<json::object> all;
  for (const auto& [instance, seen] : seen_) {
    json::object body = seen.body;
    if (clock_.now() - seen.time > lost_after) {
      body["state"] = "lost";
      body["ready"] = false;
    }
    all.push_back(std::move(body));
  }
  return all;
}

std::optional<json::object> ControlPlane::module(std::string_view instance) const {
  for (json::object& body : modules())
    if (text_at(body, "instance") == instance) return std::move(body);
  return {};
}

std::optional<json::object> ControlPlane::report_of(std::string_view kind) const {
  const Seen* newest = nullptr;
  for (const auto& [instance, seen] : seen_) {
    if (text_at(seen.body, "kind") != kind || object_of(seen.body, "report").empty()) continue;
    if (clock_.now() - seen.time > lost_after) continue;
    if (!newest || newest->time < seen.time) newest = &seen;
  }
  if (!newest) return {};
  return object_of(newest->body, "report");
}

// ------------------------------------------------------------------------------------------------- commands

Task<CommandOutcome> ControlPlane::command(std::string instance, std::string action, json::object settings) {
  const std::string id = ids_.uuid();
  const json::object body{{"commandId", id},
                          {"instance", instance},
                          {"action", action},
                          {"settings", std::move(settings)},
                          {"timestamp", to_iso_millis(clock_.now())}};
  ProducerRecord record(std::string(topics::module_control),
                        envelope_.originate("foodorder.module.command", instance, serialize_json(body)));
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
  if (!answer->outcome) {
    co_await park<Wake>([&](Waiter<Wake> waiter) {
      answer->waiter = waiter;
      clock_.call_at(clock_.now() + answer_timeout, [waiter] { waiter.complete(Wake{}); });
    });
  }
  co_return std::move(answer->outcome).value_or(CommandOutcome());
}

Task<> ControlPlane::take_commands(ConsumerEvent event) {
  const auto* batch = std::get_if<Records>(&event);
  if (!batch) co_return;
  const Executor executor = co_await asio::this_coro::executor;
  for (const ConsumerRecord& record : batch->records) {
    const auto body = parse_json(record.record->value.value_or(""));
    if (!body || !body->is_object()) continue;
    const json::object& object = body->get_object();
    Command command(std::string(text_at(object, "commandId")), std::string(text_at(object, "instance")),
                    std::string(text_at(object, "action")), object_of(object, "settings"));
    if (supervisor_.has(command.instance)) asio::co_spawn(executor, execute(std::move(command)), asio::detached);
  }
}

Task<> ControlPlane::execute(Command command) {
  Result<void> result = co_await apply(command);
  for (const InstanceStatus& status : supervisor_.statuses()) {
    if (status.instance != command.instance) continue;
    json::object body = status_body(status);
    body["commandId"] = command.id;
    if (!result) {
      body["commandError"] = result.error().message;
      body["commandErrorCode"] = to_string(result.error().code);
    }
    std::vector<Record> answer;
    answer.push_back(envelope_.originate("foodorder.module.status", status.instance, serialize_json(body)));
    co_await publish(std::move(answer));
  }
}

Task<Result<void>> ControlPlane::apply(const Command& command) {
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
  co_return Error(Errc::invalid_argument, fmt::format("there is no action {}", command.action));
}

std::string ControlPlane::next_free_id(std::string_view kind) const {
  for (int number = 1;; ++number) {
    std::string id = fmt::format("{}-{}", kind, number);
    const auto seen = seen_.find(id);
    const bool elsewhere = seen != seen_.end() && clock_.now() - seen->second.time <= lost_after;
    if (!elsewhere && !supervisor_.has(id)) return id;
  }
}

Task<Result<json::object>> ControlPlane::add(std::string kind_name, json::object changes) {
  const ModuleKind* kind = supervisor_.find_kind(kind_name);
  if (!kind) co_return Error(Errc::not_found, fmt::format("there is no module {}", kind_name));
  const auto values = settings_from_json(changes);
  if (!values) co_return values.error();
  Settings settings(kind->settings);
  for (const auto& [name, value] : *values)
    if (const auto set = settings.set(name, value); !set) co_return set.error();
  const std::string id = next_free_id(kind_name);
  if (const auto added = supervisor_.add(kind_name, id, std::move(settings)); !added) co_return added.error();
  if (const auto started = supervisor_.start(id); !started) co_return started.error();
  for (const InstanceStatus& status : supervisor_.statuses())
    if (status.instance == id) co_return status_body(status);
  co_return Error(Errc::not_found, id);
}

}  // namespace foodorder
