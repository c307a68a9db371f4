#include "status_board.hpp"

#include "foodorder/base/log.hpp"
#include "foodorder/runtime/delivery.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "foodorder/runtime/topics.hpp"
#include "module_status.hpp"
#include "runtime/control.hpp"

#include <prometheus/counter.h>
#include <algorithm>

namespace foodorder {

namespace {

constexpr Duration publish_interval = std::chrono::seconds(1);

}  // namespace

StatusBoard::StatusBoard(Clock& clock, EventWriter& events, Producer& producer, const Supervisor& supervisor,
                         const InstanceDirectory& directory, std::string process)
    : clock_(clock),
      events_(events),
      producer_(producer),
      supervisor_(supervisor),
      directory_(directory),
      process_(std::move(process)) {}

void StatusBoard::stop() {
  stopping_ = true;
  wake_.notify_all();
}

void StatusBoard::changed(const std::string& instance) {
  changed_.insert(instance);
  wake_.notify_all();
}

Task<> StatusBoard::run() {
  Timestamp all_at = clock_.now();  // however often some of them change meanwhile
  while (!stopping_) {
    std::vector<Record> due;
    const bool all = clock_.now() >= all_at;
    if (all) all_at = clock_.now() + publish_interval;
    for (const InstanceStatus& status : supervisor_.statuses())
      if (all || changed_.contains(status.instance))
        due.push_back(record_of(status.instance, serialize_json(body_of(status))));
    changed_.clear();
    co_await publish(std::move(due));
    warn_of_doubles();
    if (stopping_ || !changed_.empty()) continue;
    co_await wake_.wait_until(clock_, all_at);
  }
}

Task<> StatusBoard::publish(std::vector<Record> statuses) {
  Output output;
  std::vector<ProducerRecord> too_large;
  for (Record& status : statuses) {
    const bool fits = !status.value() || status.value()->size() <= module_status_max_bytes;
    (fits ? output : too_large).emplace_back(std::string(topics::module_status), std::move(status));
  }
  std::vector<ProducerRecord> sent = output;
  // A status that is lost is followed by the next one: no second try.
  const auto results = co_await producer_.send_all(std::move(output));
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i])
      publishing_.worked();
    else if (results[i].error().code == Errc::too_large && sent[i].record->value())
      too_large.push_back(std::move(sent[i]));
    else if (!stopping_)
      publishing_.failed(results[i].error());
  }
  if (!too_large.empty()) co_await publish_without_reports(std::move(too_large));
}

/// An instance whose figures do not fit is alive all the same, and says why it shows none.
Task<> StatusBoard::publish_without_reports(std::vector<ProducerRecord> too_large) {
  Output shorter;
  for (const ProducerRecord& status : too_large) {
    refused_records(supervisor_.metrics(), topics::module_status).Increment();
    json::object body = parse_json(*status.record->value()).value().get_object();
    body["report"] = json::object();
    body["error"] = "its report is left out: it is larger than module-status takes";
    Record record(status.record->key(), serialize_json(body), status.record->headers);
    record.timestamp = status.record->timestamp;
    shorter.emplace_back(std::string(topics::module_status), std::move(record));
  }
  const auto results = co_await producer_.send_all(std::move(shorter));
  const bool all = std::all_of(results.begin(), results.end(), [](const auto& result) { return result.has_value(); });
  if (std::exchange(too_large_told_, true) || stopping_) co_return;
  log::error("a status is larger than module-status takes ({} bytes, or its max.message.bytes): {}",
             module_status_max_bytes, all ? "its report is left out" : "its instance cannot be seen");
}

/// A process that was halted for longer than lost_after, or out of the bus's reach, may have been replaced.
void StatusBoard::warn_of_doubles() {
  for (const InstanceStatus& status : supervisor_.statuses()) {
    const std::string owner = directory_.owner(status.instance);
    if (owner.empty() || owner == process_) continue;
    if (doubles_.insert(status.instance).second)
      log::warn("{} runs in process {}, too, which took its id when this one was silent", status.instance, owner);
  }
}

Record StatusBoard::record_of(std::string_view instance, Record::Bytes body) {
  return events_.originate("foodorder.module.status", instance, body);
}

json::object StatusBoard::body_of(const InstanceStatus& status) const {
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

Task<> StatusBoard::show(std::string instance, json::object body) {
  std::vector<Record> one(1, record_of(instance, serialize_json(body)));
  co_await publish(std::move(one));
}

Task<Result<Position>> StatusBoard::announce(const InstanceStatus& status) {
  ProducerRecord sign(std::string(topics::module_status), record_of(status.instance, serialize_json(body_of(status))));
  const auto sent = co_await producer_.send(std::move(sign));
  co_return sent;
}

Task<> StatusBoard::take_back(std::string instance) {
  std::vector<Record> one(1, record_of(instance, std::nullopt));
  co_await publish(std::move(one));
}

Task<> StatusBoard::take_back_all() {
  std::vector<Record> tombstones;
  for (const InstanceStatus& status : supervisor_.statuses())
    if (directory_.owner(status.instance) == process_) tombstones.push_back(record_of(status.instance, std::nullopt));
  co_await publish(std::move(tombstones));
}

}  // namespace foodorder
