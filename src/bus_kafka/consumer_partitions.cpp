// Which partitions a consumer has, where it reads them and what it commits.
#include "consumer.hpp"
#include "errors.hpp"
#include "foodorder/base/log.hpp"
#include "offsets.hpp"
#include "topic_ids.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <cstring>
#include <set>

namespace foodorder::kafka {

namespace {

using Starts = std::map<TopicPartition, std::int64_t>;
using Places = Result<std::vector<Place>>;

/// A topic that the group could not divide, in place of its log.
constexpr std::string_view absent = "absent";

/// Where each partition begins: where it is wanted to, if that is in the log, else where `reset` says.
Result<std::vector<Place>> places(rd_kafka_t* rk, const std::vector<TopicPartition>& partitions, const Starts& wanted,
                                  ConsumerSpec::OffsetReset reset) {
  const auto there = ranges(rk, partitions);
  if (!there) return there.error();
  std::vector<Place> all;
  for (const TopicPartition& tp : partitions) {
    const Range range = there->at(tp);
    const auto start = wanted.find(tp);
    const bool inside = start != wanted.end() && start->second >= range.start && start->second <= range.end;
    const std::int64_t otherwise = reset == ConsumerSpec::OffsetReset::earliest ? range.start : range.end;
    all.push_back(Place{tp, inside ? start->second : otherwise, range.end});
  }
  return all;
}

/// A commit names the log that it is of, where that has an id: one of a log that is no more says nothing of the new
/// one. Those of other clients name none.
bool is_of_log(const rd_kafka_topic_partition_t& committed, const std::string& log) {
  return committed.metadata_size != topic_id_digits || log.size() != topic_id_digits ||
         log == std::string_view(static_cast<const char*>(committed.metadata), committed.metadata_size);
}

void name_log(rd_kafka_topic_partition_t& to_commit, const std::string& log) {
  if (log.size() != topic_id_digits) return;
  to_commit.metadata = strdup(log.c_str());  // librdkafka frees it
  to_commit.metadata_size = log.size();
}

/// The logs are asked for first: if one is replaced in between, that is noticed later.
Result<void> ask_logs(rd_kafka_t* rk, bool with_ids, TopicIds& logs) {
  if (!with_ids) return {};
  const auto ids = topic_ids(rk);
  if (!ids) return ids.error();
  for (auto& [topic, log] : logs)
    if (const auto found = ids->find(topic); found != ids->end()) log = found->second;
  return {};
}

Places with_logs(Places places, const TopicIds& logs) {
  if (places)
    for (Place& place : *places) place.log = logs.at(place.tp.topic);
  return places;
}

/// Of a group's member that was just assigned these.
Places committed_places(rd_kafka_t* rk, const std::vector<TopicPartition>& partitions, ConsumerSpec::OffsetReset reset,
                        const TopicIds& logs) {
  if (partitions.empty()) return std::vector<Place>();
  const PartitionList list = to_list(partitions);
  const auto error = rd_kafka_committed(rk, list.get(), call_timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(error, "committed offsets");
  Starts committed;
  for (const auto& element : Elements(list.get())) {
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(element.err, "committed offsets");
    if (element.offset >= 0 && is_of_log(element, logs.at(element.topic)))
      committed[to_partition(element)] = element.offset;
  }
  return places(rk, partitions, committed, reset);
}

/// An assignment by the coordinator: the places of the partitions, and the logs of the topics now.
struct Division {
  std::vector<Place> places;
  TopicIds logs;
};

/// The logs of topics that are not there become `absent`. Asks only if one of the topics was not assigned at all, and
/// not by the member's handle, whose membership would follow the answer.
Result<void> mark_absent(rd_kafka_t* rk, const std::vector<TopicPartition>& assigned, TopicIds& logs) {
  const auto is_assigned = [&](const auto& entry) {
    return std::ranges::any_of(assigned, [&](const TopicPartition& tp) { return tp.topic == entry.first; });
  };
  if (std::ranges::all_of(logs, is_assigned)) return {};
  const auto there = partition_counts(rk, {});
  if (!there) return there.error();
  for (auto& [topic, log] : logs)
    if (!there->contains(topic)) log = absent;
  return {};
}

Result<Division> divided(rd_kafka_t* member, rd_kafka_t* other, const std::vector<TopicPartition>& partitions,
                         ConsumerSpec::OffsetReset reset, bool with_ids, TopicIds logs) {
  const auto asked = ask_logs(member, with_ids, logs);
  if (!asked) return asked.error();
  auto places = with_logs(committed_places(member, partitions, reset, logs), logs);
  if (!places) return places.error();
  const auto marked = mark_absent(other, partitions, logs);
  if (!marked) return marked.error();
  return Division{std::move(*places), std::move(logs)};
}

/// Of a reader: all partitions of those of its topics that are there.
Result<std::vector<Place>> readers_places(rd_kafka_t* rk, const ConsumerSpec& spec) {
  const auto counts = partition_counts(rk, spec.topics);
  if (!counts) return counts.error();
  Starts starts;
  for (const Position& start : spec.start) starts[start.tp] = start.offset;
  return places(rk, partitions_of(*counts), starts, spec.offset_reset);
}

}  // namespace

// ----------------------------------------------------------------------------------------------- ownership

/// Takes over the partitions that a rebalance has assigned. They stay assigned while librdkafka waits for our answer.
Task<ConsumerCore::OptionalEvent> ConsumerCore::take_over(std::shared_ptr<ConsumerCore> core) {
  const bool by_coordinator = core->rebalances_.front().by_coordinator;
  std::function<Result<Division>()> ask =
      [member = core->handle_, other = core->client_->producer(), partitions = core->rebalances_.front().partitions,
       reset = core->spec_.offset_reset, with_ids = core->client_->knows_topic_ids(),
       logs = core->client_->topic_watch().logs_of(core->spec_.topics)] {
        return divided(member.get(), other.get(), partitions, reset, with_ids, logs);
      };
  const Result<Division> found = co_await Client::off_loop<Result<Division>>(core->client_, std::move(ask));
  if (core->closed_) co_return OptionalEvent();
  if (!found) {
    log::info("{}: {}; trying again", core->spec_.client_id, found.error().message);
    co_await park<Wake>([&](Waiter<Wake> waiter) { core->waiter_ = std::move(waiter); });
    co_return OptionalEvent();
  }
  // It owns nothing as librdkafka sees it, which so fetches nothing.
  if (by_coordinator) rd_kafka_assign(core->handle_.get(), make_list(0).get());
  core->rebalances_.pop_front();
  OptionalEvent assigned = core->begin(found->places);
  if (by_coordinator) {
    core->assigned_ = true;
    core->judge_division(found->logs);
  }
  co_return assigned;
}

/// A group's leader divides the topics that it finds. It finds nothing of one that is just being made again, and
/// librdkafka does not see that the topic is back if it did not see it gone: its looks at the topics are 5 s apart. So
/// a member that got nothing of a topic has the group divide it once more, if the topic is gone or is another log than
/// it was at the division before.
void ConsumerCore::judge_division(const TopicIds& logs) {
  bool again = false;
  for (const auto& [topic, log] : logs) {
    std::string& before = divided_[topic];
    const bool is_another = log == absent ? before != absent : !before.empty() && !log.empty() && before != log;
    again = again || (is_another && !owns_of(topic));
    if (!log.empty()) before = log;
  }
  if (!again) return;
  log::info("{}: {} was divided while a topic was being made again; joining anew", spec_.client_id, *spec_.group);
  subscribe();
}

bool ConsumerCore::owns_of(const std::string& topic) const {
  return std::ranges::any_of(owned_, [&](const Owned& owned) { return owned.tp.topic == topic; });
}

/// Looks for the topics of a reader, again for those that are not there yet.
Task<ConsumerCore::OptionalEvent> ConsumerCore::read_topics(std::shared_ptr<ConsumerCore> core) {
  const Timestamp again = core->client_->clock().now() + std::chrono::seconds(1);
  const bool first = !core->joined_;
  ConsumerSpec wanted = core->spec_;
  if (!first) {  // all that it does not know yet is news
    wanted.start.clear();
    wanted.offset_reset = ConsumerSpec::OffsetReset::earliest;
  }
  std::function<Places()> ask = [rk = core->client_->producer(), spec = std::move(wanted),
                                 with_ids = core->client_->knows_topic_ids(),
                                 logs = core->client_->topic_watch().logs_of(core->spec_.topics)]() mutable -> Places {
    const auto asked = ask_logs(rk.get(), with_ids, logs);
    if (!asked) return asked.error();
    return with_logs(readers_places(rk.get(), spec), logs);
  };
  const Places found = co_await Client::off_loop<Places>(core->client_, std::move(ask));
  if (core->closed_) co_return OptionalEvent();
  core->read_topics_at_ = again;
  if (!found) co_return OptionalEvent();
  std::vector<Place> places;
  std::set<std::string> topics;
  for (const Place& place : *found) {
    topics.insert(place.tp.topic);
    if (!core->find(place.tp)) places.push_back(place);
  }
  if (topics.size() == core->spec_.topics.size()) core->read_topics_at_ = Timestamp::max();
  core->joined_ = true;
  if (!first && places.empty()) co_return OptionalEvent();
  co_return core->begin(places);
}

/// Owns these beside what it has.
ConsumerCore::OptionalEvent ConsumerCore::begin(const std::vector<Place>& places) {
  TopicIds logs;
  for (const Place& place : places)
    if (place.log.size() == topic_id_digits) logs[place.tp.topic] = place.log;
  client_->topic_watch().saw(logs);
  Assigned assigned;
  for (const Place& place : places) {
    assigned.positions.emplace_back(place.tp, place.begin);
    owned_.emplace_back(place, client_->tail().cursor(place.tp, place.end, [weak = weak_from_this()] {
      if (const auto core = weak.lock()) core->wake();
    }));
  }
  return assigned;
}

std::vector<Position> ConsumerCore::assignment() const {
  std::vector<Position> positions;
  for (const Owned& owned : owned_) positions.emplace_back(owned.tp, owned.position);
  return positions;
}

// ------------------------------------------------------------------------------------- commit, seek, pause

Task<Result<void>> ConsumerCore::commit(std::shared_ptr<ConsumerCore> core, std::vector<Position> next_offsets) {
  if (core->closed_) co_return core->closed();
  if (!core->spec_.group) co_return Error(Errc::invalid_argument, "a reader without a group has nothing to commit to");
  for (const Position& next : next_offsets) {
    if (next.offset < 0) co_return Error(Errc::invalid_argument, fmt::format("offset {} is negative", next.offset));
    // A broker would take a commit for a partition of another member of the same generation.
    if (!core->find(next.tp)) co_return core->not_owned(next.tp);
  }
  if (next_offsets.empty()) co_return Result<void>();
  PartitionList list = to_list(next_offsets);
  for (int i = 0; i < list->cnt; ++i)
    name_log(list->elems[i], core->find(next_offsets[static_cast<std::size_t>(i)].tp)->log);
  Result<void> result =
      co_await park<Result<void>>([&](Waiter<Result<void>> waiter) { core->send_commit(*list, std::move(waiter)); });
  co_return result;
}

void ConsumerCore::send_commit(const rd_kafka_topic_partition_list_t& next_offsets, Waiter<Result<void>> waiter) {
  const std::uintptr_t id = ++last_commit_;
  void* const opaque = reinterpret_cast<void*>(id);  // NOLINT(performance-no-int-to-ptr): it is only handed back
  const auto error = rd_kafka_commit_queue(handle_.get(), &next_offsets, control_.get(), nullptr, opaque);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
    commits_.emplace(id, std::move(waiter));
  else
    waiter.complete(error_of(error, fmt::format("commit by {}", spec_.client_id)));
}

namespace {

/// Finds the place. Blocks.
Result<std::int64_t> find_place(rd_kafka_t* rk, const TopicPartition& tp, Where where) {
  const auto places = resolve(rk, {tp}, where);
  if (!places) return places.error();
  const std::int64_t offset = places->front().offset;
  if (where.kind == Where::Kind::offset && offset != where.value)
    return Error(Errc::out_of_range, fmt::format("{}-{} has no offset {}", tp.topic, tp.partition, where.value));
  return offset;
}

}  // namespace

Task<Result<void>> ConsumerCore::seek(std::shared_ptr<ConsumerCore> core, TopicPartition tp, Where where) {
  if (core->closed_) co_return core->closed();
  if (!core->find(tp)) co_return core->not_owned(tp);
  // Nothing is taken meanwhile: it could be of before or after.
  struct Seeking {
    explicit Seeking(ConsumerCore& which) : core(which) { ++core.seeking_; }
    ~Seeking() { --core.seeking_; }
    ConsumerCore& core;
  };
  Result<std::int64_t> sought = 0;
  {
    const Seeking seeking(*core);
    std::function<Result<std::int64_t>()> job = [rk = core->client_->producer(), tp, where] {
      return find_place(rk.get(), tp, where);
    };
    sought = co_await Client::off_loop<Result<std::int64_t>>(core->client_, std::move(job));
  }
  if (core->closed_) co_return core->closed();
  core->wake();
  if (!sought) co_return sought.error();
  Owned* owned = core->find(tp);
  if (!owned) co_return core->not_owned(tp);
  core->fetch_no_more(*owned);
  owned->position = owned->delivered = *sought;
  co_return Result<void>();
}

void ConsumerCore::set_paused(const std::vector<TopicPartition>& partitions, bool paused) {
  if (gone_) return;
  for (const TopicPartition& tp : partitions)
    if (Owned* owned = find(tp)) owned->paused = paused;
  if (!paused) wake();
}

}  // namespace foodorder::kafka
