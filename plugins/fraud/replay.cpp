#include "replay.hpp"

#include "foodorder/base/ids.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/yield.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::fraud {

namespace {

constexpr std::size_t held_max_records = 10'000;
constexpr Duration commit_interval = std::chrono::seconds(1);

/// "VELOCITY,AMOUNT" and a fingerprint of what a verdict's alerts say.
struct Fingerprint {
  void add(std::string_view type, std::string_view reason) {
    if (!types.empty()) types += ',';
    types += type;
    hash = stable_hash(fmt::format("{}\n{}", type, reason), hash);
  }

  std::string types;
  std::uint64_t hash = 0;
};

json::array type_list(std::string_view types) {
  json::array list;
  while (!types.empty()) {
    const std::size_t comma = std::min(types.find(','), types.size());
    list.emplace_back(types.substr(0, comma));
    types.remove_prefix(std::min(comma + 1, types.size()));
  }
  return list;
}

Fingerprint recorded_alerts(const json::object& body) {
  Fingerprint recorded;
  const json::value* alerts = body.if_contains("alerts");
  if (!alerts || !alerts->is_array()) return recorded;
  for (const json::value& alert : alerts->get_array())
    if (alert.is_object()) recorded.add(text_at(alert.get_object(), "type"), text_at(alert.get_object(), "reason"));
  return recorded;
}

std::size_t index(std::int32_t partition) { return static_cast<std::size_t>(partition); }

}  // namespace

ConsumerSpec replay_member(const std::string& instance_id, IdSource& ids, Duration session_timeout) {
  ConsumerSpec spec(instance_id + "-replay", {std::string(topics::orders)});
  spec.group = "fraud-replay-" + ids.hex(8);
  spec.session_timeout = session_timeout;
  return spec;
}

Replay::Replay(EventBus& bus, Clock& clock, ConsumerSpec reader, const Limits& limits, Duration grace)
    : bus_(bus), clock_(clock), reader_(std::move(reader)), limits_(limits), grace_(grace) {}

json::object Replay::progress() const {
  json::object progress;
  progress["group"] = reader_.group.value_or("");
  progress["state"] = state_;
  progress["done"] = done_;
  progress["total"] = total_;
  if (!summary_.empty()) progress["summary"] = summary_;
  return progress;
}

Task<Result<json::object>> Replay::run() {
  Result<void> result = co_await read_orders();
  if (result) {
    state_ = "comparing";
    // The verdicts on the last orders may be on their way.
    co_await sleep_for(clock_, 2 * grace_ + std::chrono::milliseconds(200));
    result = co_await compare();
  }
  if (result) result = co_await add_missing();
  state_ = result ? "done" : "failed";
  if (!result) co_return result.error();
  summary_["orders"] = orders_;
  summary_["alerts"] = alerts_;
  summary_["late"] = detector_->late();
  summary_["differences"] = differences_;
  summary_["differenceCount"] = difference_count_;
  co_return summary_;
}

Task<Result<std::vector<Position>>> Replay::places(std::string_view topic, Where where) {
  const auto topics = co_await bus_.admin().topics();
  if (!topics) co_return topics.error();
  std::vector<TopicPartition> partitions;
  for (const TopicDescription& described : *topics)
    if (described.name == topic)
      for (const PartitionDescription& partition : described.partitions)
        partitions.emplace_back(described.name, partition.partition);
  auto places = co_await bus_.admin().resolve(std::move(partitions), where);
  if (places) std::sort(places->begin(), places->end());
  co_return places;
}

Task<Result<void>> Replay::read_orders() {
  const auto begins = co_await places(topics::orders, Where::beginning());
  if (!begins) co_return begins.error();
  const auto ends = co_await places(topics::orders, Where::end());
  if (!ends) co_return ends.error();
  detector_.emplace(ends->size(), limits_, grace_, held_max_records);
  for (std::size_t i = 0; i < ends->size(); ++i) total_ += (*ends)[i].offset - (*begins)[i].offset;
  if (total_ == 0) co_return Result<void>();
  const auto consumer = bus_.subscribe(reader_);
  std::vector<Position> up_to = *ends;
  const Result<void> read = co_await read_up_to(std::move(up_to), *consumer);
  co_await consumer->close();
  // Nobody comes back to this group: it would only show a lag that grows. Where that fails, the bus forgets it later.
  std::string group = reader_.group.value_or("");
  co_await bus_.admin().delete_group(std::move(group));
  co_return read;
}

Task<Result<void>> Replay::read_up_to(std::vector<Position> ends, Consumer& consumer) {
  Timestamp commit_at = clock_.now() + commit_interval;
  for (bool done = false; !done;) {
    const Result<ConsumerEvent> event = co_await consumer.next();
    if (!event) co_return event.error();
    if (std::holds_alternative<Revoked>(*event))
      co_return Error(Errc::unavailable, "the replay has lost its place in its group; start it again");
    if (const auto* batch = std::get_if<Records>(&*event)) read(*batch, ends);
    done = all_read(ends, consumer);
    judge_ready();
    if (!done && clock_.now() < commit_at) continue;
    std::vector<Position> reached = consumer.assignment();
    // Only so that the group's lag tells how far it is: a failure is no matter.
    co_await consumer.commit(std::move(reached));
    commit_at = clock_.now() + commit_interval;
  }
  co_return Result<void>();
}

/// Where partitions stand against where they are to be read to. One that is far ahead waits for the others.
bool Replay::all_read(const std::vector<Position>& ends, Consumer& consumer) {
  std::size_t read = 0;
  std::size_t assigned = 0;
  std::int64_t unread = 0;
  for (const Position& next : consumer.assignment()) {
    if (index(next.tp.partition) >= ends.size()) {  // added meanwhile: what is in it came later
      consumer.pause({next.tp});
      continue;
    }
    ++assigned;
    unread += std::max<std::int64_t>(ends[index(next.tp.partition)].offset - next.offset, 0);
    if (next.offset >= ends[index(next.tp.partition)].offset) {
      detector_->read_to_end(next.tp.partition, Timestamp::max());
      ++read;
    } else if (detector_->full(next.tp.partition)) {
      consumer.pause({next.tp});
    } else {
      consumer.resume({next.tp});
    }
  }
  if (assigned == ends.size()) done_ = total_ - unread;
  return read == ends.size();
}

void Replay::read(const Records& batch, const std::vector<Position>& ends) {
  for (const ConsumerRecord& record : batch.records) {
    const std::size_t partition = index(record.position.tp.partition);
    if (partition < ends.size() && record.position.offset < ends[partition].offset)
      detector_->read(record, clock_.now());
  }
}

void Replay::judge_ready() {
  while (const std::optional<Judged> judged = detector_->next()) {
    if (!judged->verdict) continue;
    ++orders_;
    if (!judged->verdict->alerts.empty()) ++alerts_;
    if (outcomes_.size() >= orders_max) continue;
    Fingerprint replayed;
    for (const Alert& alert : judged->verdict->alerts) replayed.add(to_string(alert.type), alert.reason);
    Outcome& outcome = outcomes_.emplace(event_key(judged->record), Outcome())->second;
    outcome.position = judged->record.position;
    outcome.alerts = replayed.hash;
    outcome.types = std::move(replayed.types);
  }
}

Task<Result<void>> Replay::compare() {
  const auto begins = co_await places(topics::audit, Where::beginning());
  if (!begins) co_return begins.error();
  const auto ends = co_await places(topics::audit, Where::end());
  if (!ends) co_return ends.error();
  for (const Position& end : *ends) {
    std::int64_t next = (*begins)[index(end.tp.partition)].offset;
    while (next < end.offset) {
      co_await yield();
      const auto page = co_await bus_.admin().read(end.tp, next, ReadLimits());
      if (!page) co_return page.error();
      for (const ConsumerRecord& record : page->records) compare(record);
      next = std::max(page->next_offset, next + 1);
    }
  }
  co_return Result<void>();
}

void Replay::compare(const ConsumerRecord& record) {
  const Headers& headers = record.record->headers;
  if (!record.record->value() || find_header(headers, headers::ce_source) != "fraud-service") return;
  const auto [first, last] = outcomes_.equal_range(cause_key(*record.record));
  if (first == last) return;
  const auto body = parse_json(*record.record->value());
  if (!body || !body->is_object()) return;
  const Fingerprint recorded = recorded_alerts(body->get_object());
  bool found = false;
  for (auto outcome = first; outcome != last; ++outcome) {
    if (outcome->second.alerts != recorded.hash) continue;
    outcome->second.recorded = true;
    found = true;
  }
  if (found) return;
  auto meant = std::find_if(first, last, [](const auto& outcome) { return !outcome.second.recorded; });
  if (meant == last) meant = first;
  meant->second.recorded = true;
  add_difference(text_at(body->get_object(), "orderId"), meant->second.types, type_list(recorded.types));
}

/// Verdicts that never came to `audit`.
Task<Result<void>> Replay::add_missing() {
  std::vector<std::pair<Position, std::string>> missing;
  for (const auto& [event, outcome] : outcomes_) {
    if (outcome.recorded) continue;
    missing.emplace_back(outcome.position, outcome.types);
  }
  std::sort(missing.begin(), missing.end());
  for (const auto& [position, types] : missing) {
    std::string order_id;
    if (differences_.size() < differences_max) {
      ReadLimits one;
      one.records_max = 1;
      const auto page = co_await bus_.admin().read(position.tp, position.offset, one);
      if (!page) co_return page.error();
      if (!page->records.empty() && page->records.front().record->key())
        order_id = *page->records.front().record->key();
    }
    add_difference(order_id, types, json::value());
  }
  co_return Result<void>();
}

void Replay::add_difference(std::string_view order_id, std::string_view replayed, const json::value& recorded) {
  ++difference_count_;
  if (differences_.size() >= differences_max) return;
  json::object difference;
  difference["orderId"] = order_id;
  difference["replayed"] = type_list(replayed);
  difference["recorded"] = recorded;
  differences_.push_back(std::move(difference));
}

}  // namespace foodorder::fraud
