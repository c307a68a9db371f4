#include "runtime/instance_directory.hpp"

#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"
#include "module_status.hpp"

#include <prometheus/counter.h>
#include <algorithm>
#include <utility>

namespace foodorder {

namespace {

const json::object* report_in(const json::object& body) {
  const json::value* report = body.if_contains("report");
  return report && report->is_object() && !report->get_object().empty() ? &report->get_object() : nullptr;
}

/// One that is not ready has read a part of the log: what it reports was never so.
bool is_ready(const json::object& body) {
  const json::value* ready = body.if_contains("ready");
  return ready && ready->is_bool() && ready->get_bool();
}

}  // namespace

InstanceDirectory::InstanceDirectory(EventBus& bus, Clock& clock, const std::string& process, Read read,
                                     prometheus::Counter& ignored)
    : clock_(clock),
      read_(std::move(read)),
      ignored_(ignored),
      view_(
          bus, clock, process + "-directory", {std::string(topics::module_status)},
          [this](const ConsumerRecord& record) { take(record); }, [this] { moved_.notify_all(); }) {
  view_.on_replaced([this] {
    seen_.clear();
    ++logs_;
  });
}

void InstanceDirectory::stop() {
  stopped_ = true;
  view_.stop();
  moved_.notify_all();
}

void InstanceDirectory::take(const ConsumerRecord& record) {
  ++version_;
  const std::string key(record.record->key().value_or(""));
  if (!record.record->value()) {
    seen_.erase(key);
    return;
  }
  std::optional<json::object> body = read_module_status(*record.record);
  if (!body) return ignored_.Increment();
  read_(*body);
  Seen status{std::move(*body), clock_.now(), ready()};
  if (!status.came) status.heard = std::min(status.heard, event_time(*record.record));
  const auto found = seen_.find(key);
  const bool second = found != seen_.end() && status.heard - found->second.heard <= lost_after &&
                      text_at(status.body, "process") != text_at(found->second.body, "process");
  if (second) return;
  if (found == seen_.end() && !make_room()) return ignored_.Increment();
  seen_[key] = std::move(status);
}

/// False if as many instances are alive as are kept.
bool InstanceDirectory::make_room() {
  if (seen_.size() < instances_max) return true;
  const auto oldest = std::min_element(seen_.begin(), seen_.end(),
                                       [](const auto& a, const auto& b) { return a.second.heard < b.second.heard; });
  if (!lost(oldest->second)) return false;
  seen_.erase(oldest);
  return true;
}

bool InstanceDirectory::lost(const Seen& seen) const { return clock_.now() - seen.heard > lost_after; }

std::vector<json::object> InstanceDirectory::modules() const {
  std::vector<json::object> all;
  for (const auto& [instance, seen] : seen_) {
    json::object body = seen.body;
    if (lost(seen)) {
      body["state"] = "lost";
      body["ready"] = false;
    }
    all.push_back(std::move(body));
  }
  return all;
}

std::optional<json::object> InstanceDirectory::module(std::string_view instance) const {
  for (json::object& body : modules())
    if (text_at(body, "instance") == instance) return std::move(body);
  return {};
}

std::optional<json::object> InstanceDirectory::report_of(std::string_view kind) const {
  const Seen* newest = nullptr;
  for (const auto& [instance, seen] : seen_) {
    if (text_at(seen.body, "kind") != kind || !report_in(seen.body) || !is_ready(seen.body) || lost(seen)) continue;
    if (!newest || newest->heard < seen.heard) newest = &seen;
  }
  if (!newest) return {};
  return *report_in(newest->body);
}

std::string InstanceDirectory::owner(std::string_view instance) const {
  const auto found = seen_.find(instance);
  if (found == seen_.end() || lost(found->second)) return {};
  return std::string(text_at(found->second.body, "process"));
}

// ---------------------------------------------------------------------------------------------------- waits

Task<> InstanceDirectory::wait_until_sure(std::string instance) {
  while (!stopped_) {
    const auto found = seen_.find(instance);
    const bool doubtful = found != seen_.end() && !found->second.came && !lost(found->second);
    if (ready() && !doubtful) co_return;
    const Timestamp since = doubtful ? found->second.heard : clock_.now();
    co_await moved_.wait_until(clock_, since + lost_after + std::chrono::milliseconds(1));
  }
}

Task<> InstanceDirectory::wait_until_read(Position status) {
  const std::uint64_t log = logs_;
  while (!stopped_ && log == logs_ && view_.next_offset(status.tp) <= status.offset)
    co_await moved_.wait_until(clock_, clock_.now() + lost_after);
}

}  // namespace foodorder
