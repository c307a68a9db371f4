#include "watch_state.hpp"

#include "foodorder/runtime/topics.hpp"
#include "inspector/read_message.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <set>

namespace foodorder::app {

namespace {

constexpr int page_max_records = 100;

std::int64_t number_at(const json::object& object, std::string_view name) {
  const json::value* number = object.if_contains(name);
  return number && number->is_number() ? number->to_number<std::int64_t>() : 0;
}

std::optional<double> real_at(const json::object& object, std::string_view name) {
  const json::value* number = object.if_contains(name);
  if (!number || !number->is_number()) return {};
  return number->to_number<double>();
}

/// Who reads which partition of a group.
std::map<std::pair<std::string, std::int64_t>, std::string> owners_of(const json::object& group) {
  std::map<std::pair<std::string, std::int64_t>, std::string> owners;
  for (const json::value& each : group.at("members").as_array()) {
    const json::object& member = each.as_object();
    for (const json::value& part : member.at("assignment").as_array())
      owners[{std::string(text_at(part.as_object(), "topic")), number_at(part.as_object(), "partition")}] =
          text_at(member, "clientId");
  }
  return owners;
}

/// What stands behind an event's order: who did it, or whose order it is, or what was found.
std::string detail_of(const json::object& body) {
  if (const json::value* alerts = body.if_contains("alerts"); alerts && alerts->is_array()) {
    std::string found;
    for (const json::value& alert : alerts->get_array())
      if (alert.is_object())
        found += fmt::format("{}{} {}", found.empty() ? "" : ", ", text_at(alert.get_object(), "type"),
                             text_at(alert.get_object(), "severity"));
    if (!found.empty()) return found;
  }
  if (const json::value* order = body.if_contains("order"); order && order->is_object())
    if (const std::string_view name = text_at(order->get_object(), "customerName"); !name.empty())
      return std::string(name);
  const std::string_view instance = text_at(body, "instanceId");
  return std::string(instance.empty() ? text_at(body, "source") : instance);
}

std::string action_of(const json::object& body) {
  std::string action(text_at(body, "action"));
  const std::int64_t retries = number_at(body, "retryCount");
  return retries > 0 ? fmt::format("{} {}", action, retries) : action;
}

WatchState::Event event_from(const json::value& message) {
  const ConsumerRecord read = inspector::record_from(message);
  WatchState::Event event{read.record->timestamp,
                          read.position.tp.topic,
                          read.position.tp.partition,
                          read.position.offset,
                          "not JSON",
                          std::string(read.record->key().value_or("")),
                          ""};
  const auto parsed = read.record->value() ? parse_json(*read.record->value()) : Result<json::value>(json::value());
  if (!parsed || !parsed->is_object()) return event;
  const json::object& body = parsed->get_object();
  event.action = action_of(body);
  event.detail = detail_of(body);
  if (const std::string_view id = text_at(body, "orderId"); !id.empty()) event.order = id;
  return event;
}

}  // namespace

std::optional<json::value> Watcher::told(const std::string& target) {
  const Client::Answer answer = client_.ask(http::Method::get, target);
  if (answer.status != 200) return {};
  auto body = parse_json(answer.body);
  return body ? std::optional(std::move(*body)) : std::nullopt;
}

std::optional<double> Watcher::rate_of(const std::string& name, std::int64_t count) {
  const auto known = counts_.find(name);
  std::optional<double> rate;
  if (known != counts_.end() && elapsed_seconds_ > 0 && count >= known->second)
    rate = static_cast<double>(count - known->second) / elapsed_seconds_;
  counts_[name] = count;
  return rate;
}

void Watcher::look(Timestamp now) {
  const json::value groups = client_.get("/api/bus/groups");
  elapsed_seconds_ = state_.time == Timestamp() ? 0 : std::chrono::duration<double>(now - state_.time).count();
  state_.time = now;
  take_groups(groups.as_array());
  if (const auto modules = told("/api/modules")) take_modules(modules->as_array(), now);
  state_.figures.reset();
  state_.per_second.reset();
  if (const auto stats = told("/api/stats")) take_figures(stats->as_object());
  state_.load.reset();
  if (const auto load = told("/api/load"); load && load->as_object().at("running").as_bool())
    state_.load = real_at(load->as_object(), "rate");
  take_events();
  state_.trouble.clear();
}

void Watcher::take_groups(const json::array& groups) {
  state_.rows.clear();
  committed_by_owner_.clear();
  for (const json::value& each : groups) {
    const json::object& group = each.as_object();
    const auto owners = owners_of(group);
    for (const json::value& part : group.at("partitions").as_array()) {
      const json::object& partition = part.as_object();
      WatchState::Row row;
      row.group = text_at(group, "group");
      row.topic = text_at(partition, "topic");
      row.partition = number_at(partition, "partition");
      const auto owner = owners.find({row.topic, *row.partition});
      row.owner = owner == owners.end() ? "NONE" : owner->second;
      row.committed = number_at(partition, "committedOffset");
      row.end = number_at(partition, "endOffset");
      row.lag = number_at(partition, "lag");
      const auto rate = rate_of(fmt::format("{} {} {}", row.group, row.topic, *row.partition), row.committed);
      if (rate) committed_by_owner_[row.owner] += *rate;
      state_.rows.push_back(std::move(row));
    }
  }
}

void Watcher::take_modules(const json::array& modules, Timestamp now) {
  state_.members.clear();
  for (const json::value& each : modules) {
    const json::object& module = each.as_object();
    WatchState::Member member;
    member.instance = text_at(module, "instance");
    member.kind = text_at(module, "kind");
    member.state = text_at(module, "state");
    member.error = text_at(module, "error");
    if (const json::value* settings = module.if_contains("settings"); settings && settings->is_object())
      member.fail_rate = real_at(settings->get_object(), "failRate");
    const bool works = member.state == "running" || member.state == "starting" || member.state == "paused";
    if (const auto rate = committed_by_owner_.find(member.instance); rate != committed_by_owner_.end())
      member.per_second = rate->second;
    if (!works) {
      // Its group goes on to count it as a member until its session has run out.
      const auto since = parse_iso(text_at(module, "since")).value_or(now);
      const Duration left = since + std::chrono::milliseconds(number_at(module, "sessionTimeoutMs")) - now;
      const auto seconds = static_cast<std::int64_t>(std::ceil(std::chrono::duration<double>(left).count()));
      for (WatchState::Row& row : state_.rows)
        if (row.owner == member.instance) row.owner = seconds > 0 ? fmt::format("NONE, {} s left", seconds) : "NONE";
    }
    state_.members.push_back(std::move(member));
  }
  std::ranges::stable_sort(state_.members, {}, [](const WatchState::Member& member) { return !member.fail_rate; });
}

void Watcher::take_figures(const json::object& stats) {
  WatchState::Figures figures;
  const auto part = [&](std::string_view name) {
    const json::value* inner = stats.if_contains(name);
    return inner && inner->is_object() ? inner->get_object() : json::object();
  };
  const json::object ledger = part("ledger");
  figures.accepted = number_at(ledger, "accepted");
  figures.notified = number_at(ledger, "notified");
  figures.gave_up = number_at(ledger, "gaveUp");
  figures.dropped = number_at(ledger, "dropped");
  figures.waiting = number_at(ledger, "waiting");
  figures.lost = number_at(ledger, "lost");
  figures.done_twice = number_at(ledger, "doneTwice");
  const json::object notifications = part("notifications");
  figures.retries = number_at(notifications, "retries");
  figures.success = real_at(notifications, "successRate");
  const json::object times = part("lastMinute");
  figures.p50_ms = real_at(times, "p50Ms").value_or(0);
  figures.p99_ms = real_at(times, "p99Ms").value_or(0);
  state_.per_second = rate_of("accepted", figures.accepted);
  state_.figures = figures;
}

/// What came to `audit` since the last look: the newest of it where that is more than a page.
void Watcher::take_events() {
  const std::string target =
      fmt::format("/api/bus/topics/{}/messages?partition=0&limit={}", topics::audit, page_max_records);
  const auto page = told(target + (last_event_ && !behind_ ? fmt::format("&from={}", *last_event_ + 1) : ""));
  if (!page) return;
  for (const json::value& message : page->at("messages").as_array()) {
    WatchState::Event event = event_from(message);
    if (last_event_ && event.offset <= *last_event_) continue;
    last_event_ = event.offset;
    ++state_.events_seen;
    state_.events.push_back(std::move(event));
    if (state_.events.size() > events_max) state_.events.pop_front();
  }
  behind_ = page->at("next").is_array() && !page->at("next").get_array().empty();
}

std::vector<WatchState::Row> folded(const std::vector<WatchState::Row>& rows, bool all) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> owners;
  for (const WatchState::Row& row : rows) owners[{row.group, row.topic}].insert(row.owner);
  std::vector<WatchState::Row> out;
  for (const WatchState::Row& row : rows) {
    const auto& readers = owners[{row.group, row.topic}];
    const bool goes_on = !out.empty() && out.back().group == row.group && out.back().topic == row.topic;
    if ((readers.size() > 1 && !all) || !goes_on) {
      out.push_back(row);
      if (readers.size() > 1 && all) out.back().owner = fmt::format("{} members", readers.size());
      continue;
    }
    WatchState::Row& sum = out.back();
    sum.partition.reset();
    sum.committed += row.committed;
    sum.end += row.end;
    sum.lag += row.lag;
  }
  return out;
}

}  // namespace foodorder::app
