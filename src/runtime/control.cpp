#include "foodorder/runtime/control.hpp"

#include "foodorder/base/join.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/base/utf8.hpp"
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "foodorder/runtime/topics.hpp"
#include "module_status.hpp"

#include <prometheus/counter.h>
#include <algorithm>
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
      envelope_(clock, ids, "module-control"),
      producer_(bus.producer(ProducerSpec(process_ + "-control"))),
      directory_(
          bus, clock, process_, [this](json::object& status) { take_answer(status); },
          unparsable_records(supervisor.metrics(), topics::module_status)),
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
  co_await take_back_statuses();
  co_await producer_->close();
}

void ControlPlane::stop() {
  stopping_ = true;
  directory_.stop();
  commands_.stop();
  wake_publisher();
}

void ControlPlane::wake_publisher() { publisher_.notify_all(); }

// ------------------------------------------------------------------------------------------------- statuses

Task<> ControlPlane::publish_loop() {
  Timestamp all_at = clock_.now();  // however often some of them change meanwhile
  while (!stopping_) {
    std::vector<Record> due;
    const bool all = clock_.now() >= all_at;
    if (all) all_at = clock_.now() + publish_interval;
    for (const InstanceStatus& status : supervisor_.statuses())
      if (all || changed_.contains(status.instance)) due.push_back(status_record(status));
    changed_.clear();
    co_await publish(std::move(due));
    warn_of_doubles();
    if (stopping_ || !changed_.empty()) continue;
    co_await publisher_.wait_until(clock_, all_at);
  }
}

Task<> ControlPlane::publish(std::vector<Record> statuses) {
  Outbox outbox;
  std::vector<ProducerRecord> too_large;
  for (Record& status : statuses) {
    const bool fits = !status.value || status.value->size() <= module_status_max_bytes;
    (fits ? outbox : too_large).emplace_back(std::string(topics::module_status), std::move(status));
  }
  std::vector<ProducerRecord> sent = outbox;
  // A status that is lost is followed by the next one: no second try.
  const auto results = co_await producer_->send_all(std::move(outbox));
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i])
      publishing_.worked();
    else if (results[i].error().code == Errc::too_large && sent[i].record->value)
      too_large.push_back(std::move(sent[i]));
    else if (!stopping_)
      publishing_.failed(results[i].error());
  }
  if (!too_large.empty()) co_await publish_without_reports(std::move(too_large));
}

/// An instance whose figures do not fit is alive all the same, and says why it shows none.
Task<> ControlPlane::publish_without_reports(std::vector<ProducerRecord> too_large) {
  Outbox shorter;
  for (const ProducerRecord& status : too_large) {
    refused_records(supervisor_.metrics(), topics::module_status).Increment();
    json::object body = parse_json(*status.record->value).value().get_object();
    body["report"] = json::object();
    body["error"] = "its report is left out: it is larger than module-status takes";
    Record record(status.record->key, serialize_json(body), status.record->headers);
    record.timestamp = status.record->timestamp;
    shorter.emplace_back(std::string(topics::module_status), std::move(record));
  }
  const auto results = co_await producer_->send_all(std::move(shorter));
  const bool all = std::all_of(results.begin(), results.end(), [](const auto& result) { return result.has_value(); });
  if (std::exchange(too_large_told_, true) || stopping_) co_return;
  log::error("a status is larger than module-status takes ({} bytes, or its max.message.bytes): {}",
             module_status_max_bytes, all ? "its report is left out" : "its instance cannot be seen");
}

/// A process that was halted for longer than lost_after, or out of the bus's reach, may have been replaced.
void ControlPlane::warn_of_doubles() {
  for (const InstanceStatus& status : supervisor_.statuses()) {
    const std::string owner = directory_.owner(status.instance);
    if (owner.empty() || owner == process_) continue;
    if (doubles_.insert(status.instance).second)
      log::warn("{} runs in process {}, too, which took its id when this one was silent", status.instance, owner);
  }
}

Record ControlPlane::status_record(const InstanceStatus& status) {
  return envelope_.originate("foodorder.module.status", status.instance, serialize_json(status_body(status)));
}

Record ControlPlane::tombstone_of(const std::string& instance) {
  return envelope_.originate("foodorder.module.status", instance, std::nullopt);
}

json::object ControlPlane::status_body(const InstanceStatus& status) const {
  json::object body{
      {"instance", status.instance},
      {"kind", status.kind},
      {"process", process_},
      {"state", to_string(status.state)},
      {"ready", status.ready},
      {"restarts", status.restarts},
      {"settings", settings_to_json(status.settings)},
      {"report", status.report},
      {"since", std::string(to_iso_millis(status.since))},
      {"sessionTimeoutMs", std::chrono::duration_cast<std::chrono::milliseconds>(status.session_timeout).count()},
      {"timestamp", std::string(to_iso_millis(clock_.now()))}};
  if (!status.error.empty()) body["error"] = status.error;
  return body;
}

Task<> ControlPlane::take_back_statuses() {
  std::vector<Record> tombstones;
  for (const InstanceStatus& status : supervisor_.statuses())
    if (directory_.owner(status.instance) == process_) tombstones.push_back(tombstone_of(status.instance));
  co_await publish(std::move(tombstones));
}

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

// ------------------------------------------------------------------------------------------------- commands

Task<CommandOutcome> ControlPlane::command(std::string instance, std::string action, json::object settings) {
  const std::string id = ids_.uuid();
  const json::object body{{"commandId", id},
                          {"instance", instance},
                          {"action", action},
                          {"settings", std::move(settings)},
                          {"timestamp", std::string(to_iso_millis(clock_.now()))}};
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

std::string ControlPlane::why_taken(std::string_view instance) const {
  if (supervisor_.has(instance)) return fmt::format("{} is running already", instance);
  const auto claim = claims_.find(instance);
  if (claim != claims_.end() && !claim->second.expired()) return fmt::format("{} is being started", instance);
  const std::string owner = directory_.owner(instance);
  return owner.empty() || owner == process_ ? "" : fmt::format("{} is alive in another process, {}", instance, owner);
}

Task<std::string> ControlPlane::next_free_id(std::string kind) {
  for (int number = 1;; ++number) {
    const std::string id = fmt::format("{}-{}", kind, number);
    co_await directory_.wait_until_sure(id);
    if (why_taken(id).empty()) co_return id;
  }
}

/// Shows the instance before it is there, and looks whether that was the first sign of it in the log.
Task<Result<std::string>> ControlPlane::take_id(std::string kind, std::string wanted, std::shared_ptr<Claim>& claim) {
  InstanceStatus first_sign;
  first_sign.kind = kind;
  first_sign.state = InstanceState::starting;
  while (!stopping_) {
    std::string id = wanted;
    if (wanted.empty())
      id = co_await next_free_id(kind);
    else
      co_await directory_.wait_until_sure(id);
    if (stopping_) break;
    if (std::string why = why_taken(id); !why.empty()) co_return Error(Errc::invalid_argument, std::move(why));
    std::erase_if(claims_, [](const auto& entry) { return entry.second.expired(); });
    claims_.emplace(id, claim);
    first_sign.instance = id;
    first_sign.since = clock_.now();
    ProducerRecord sign(std::string(topics::module_status), status_record(first_sign));
    const auto sent = co_await producer_->send(std::move(sign));
    if (!sent) co_return sent.error();
    co_await directory_.wait_until_read(*sent);
    if (directory_.owner(id) == process_) co_return id;
    claims_.erase(id);
  }
  co_return Error(Errc::closed, "this process ends");
}

Task<Result<std::string>> ControlPlane::add(std::string kind, std::string id, Settings settings) {
  auto claim = std::make_shared<Claim>();
  auto taken = co_await take_id(kind, std::move(id), claim);
  if (!taken) co_return taken;
  if (const auto added = supervisor_.add(kind, *taken, std::move(settings)); !added) {
    std::vector<Record> none(1, tombstone_of(*taken));
    co_await publish(std::move(none));
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
    if (status.instance == *id) co_return status_body(status);
  co_return Error(Errc::not_found, *id);
}

}  // namespace foodorder
