// Which partitions a consumer has, where it reads them and what it commits.
#include "consumer.hpp"
#include "errors.hpp"
#include "foodorder/base/log.hpp"
#include "offsets.hpp"

#include <fmt/format.h>
#include <chrono>
#include <set>
#include <thread>

namespace foodorder::kafka {

namespace {

using Starts = std::map<TopicPartition, std::int64_t>;

/// Where each partition begins: where it is wanted to, if that is in the log, else where `reset` says.
Result<std::vector<Position>> places(rd_kafka_t* rk, const std::vector<TopicPartition>& partitions,
                                     const Starts& wanted, ConsumerSpec::OffsetReset reset) {
  const auto there = ranges(rk, partitions);
  if (!there) return there.error();
  std::vector<Position> all;
  for (const TopicPartition& tp : partitions) {
    const Range range = there->at(tp);
    const auto start = wanted.find(tp);
    const bool inside = start != wanted.end() && start->second >= range.start && start->second <= range.end;
    const std::int64_t otherwise = reset == ConsumerSpec::OffsetReset::earliest ? range.start : range.end;
    all.emplace_back(tp, inside ? start->second : otherwise);
  }
  return all;
}

/// Of a group's member that was just assigned these.
Result<std::vector<Position>> committed_places(rd_kafka_t* rk, const std::vector<TopicPartition>& partitions,
                                               ConsumerSpec::OffsetReset reset) {
  if (partitions.empty()) return std::vector<Position>();
  const PartitionList list = to_list(partitions);
  const auto error = rd_kafka_committed(rk, list.get(), call_timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(error, "committed offsets");
  Starts committed;
  for (const auto& element : Elements(list.get())) {
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(element.err, "committed offsets");
    if (element.offset >= 0) committed[to_partition(element)] = element.offset;
  }
  return places(rk, partitions, committed, reset);
}

/// Of a reader: all partitions of those of its topics that are there.
Result<std::vector<Position>> readers_places(rd_kafka_t* rk, const ConsumerSpec& spec) {
  const auto counts = partition_counts(rk, spec.topics);
  if (!counts) return counts.error();
  Starts starts;
  for (const Position& start : spec.start) starts[start.tp] = start.offset;
  return places(rk, partitions_of(*counts), starts, spec.offset_reset);
}

}  // namespace

// ----------------------------------------------------------------------------------------------- ownership

/// Takes what a rebalance has assigned. What it names is there for as long as librdkafka waits for our answer.
Task<ConsumerCore::Told> ConsumerCore::take_over(std::shared_ptr<ConsumerCore> core) {
  using Places = Result<std::vector<Position>>;
  std::function<Places()> ask = [rk = core->instance_, partitions = core->rebalances_.front().partitions,
                                 reset = core->spec_.offset_reset] {
    return committed_places(rk.get(), partitions, reset);
  };
  const Places found = co_await Client::off_loop<Places>(core->client_, std::move(ask));
  if (core->closed_) co_return Told();
  if (!found) {
    log::info("{}: {}; trying again", core->spec_.client_id, found.error().message);
    co_await park<Wake>([&](Waiter<Wake> waiter) { core->waiter_ = std::move(waiter); });
    co_return Told();
  }
  core->rebalances_.pop_front();
  core->begin(*found);
  Assigned assigned;
  assigned.positions = *found;
  co_return assigned;
}

/// Looks for the topics of a reader, again for those that are not there yet.
Task<ConsumerCore::Told> ConsumerCore::read_topics(std::shared_ptr<ConsumerCore> core) {
  using Places = Result<std::vector<Position>>;
  const Timestamp again = core->client_->clock().now() + std::chrono::seconds(1);
  std::function<Places()> ask = [rk = core->instance_, spec = core->spec_] { return readers_places(rk.get(), spec); };
  const Places found = co_await Client::off_loop<Places>(core->client_, std::move(ask));
  if (core->closed_) co_return Told();
  core->read_topics_at_ = again;
  if (!found) co_return Told();
  Assigned fresh;
  std::set<std::string> topics;
  for (const Position& place : *found) {
    topics.insert(place.tp.topic);
    if (!core->find(place.tp)) fresh.positions.push_back(place);
  }
  if (topics.size() == core->spec_.topics.size()) core->read_topics_at_ = Timestamp::max();
  const bool first = !std::exchange(core->joined_, true);
  if (!first && fresh.positions.empty()) co_return Told();
  core->begin(fresh.positions);
  co_return fresh;
}

/// Reads these beside those that are owned.
void ConsumerCore::begin(const std::vector<Position>& positions) {
  for (const Position& position : positions) {
    const Queue partition(
        rd_kafka_queue_get_partition(instance_.get(), position.tp.topic.c_str(), position.tp.partition));
    rd_kafka_queue_forward(partition.get(), records_.get());
    owned_.emplace_back(position);
  }
  // librdkafka keeps a pause over rebalances.
  rd_kafka_resume_partitions(instance_.get(), to_list(positions).get());
  const auto error = rd_kafka_assign(instance_.get(), to_list(assignment()).get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) log::error("{}: assign: {}", spec_.client_id, rd_kafka_err2str(error));
}

std::vector<Position> ConsumerCore::assignment() const {
  std::vector<Position> positions;
  for (const Owned& owned : owned_) positions.emplace_back(owned.tp, owned.position());
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
  const std::uintptr_t id = ++core->last_commit_;
  void* const opaque = reinterpret_cast<void*>(id);  // NOLINT(performance-no-int-to-ptr): librdkafka only hands it back
  const auto error =
      rd_kafka_commit_queue(core->instance_.get(), to_list(next_offsets).get(), core->control_.get(), nullptr, opaque);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    co_return error_of(error, fmt::format("commit by {}", core->spec_.client_id));
  Result<void> result =
      co_await park<Result<void>>([&](Waiter<Result<void>> waiter) { core->commits_.emplace(id, std::move(waiter)); });
  co_return result;
}

namespace {

/// Finds the place and goes there. Blocks.
Result<std::int64_t> seek_to(rd_kafka_t* rk, const TopicPartition& tp, Where where) {
  const auto places = resolve(rk, {tp}, where);
  if (!places) return places.error();
  const std::int64_t offset = places->front().offset;
  if (where.kind == Where::Kind::offset && offset != where.value)
    return Error(Errc::out_of_range, fmt::format("{}-{} has no offset {}", tp.topic, tp.partition, where.value));
  // A partition that was assigned a moment ago refuses until its fetching has begun, and on a busy machine the fetch
  // under way takes its time. Going there twice does no harm.
  constexpr int try_ms = 2000;
  constexpr int wait_ms = 10;
  for (int left_ms = 4 * call_timeout_ms;;) {
    const PartitionList list = to_list(*places);
    const KafkaError failed(rd_kafka_seek_partitions(rk, list.get(), try_ms));
    const auto error = failed ? rd_kafka_error_code(failed.get()) : list->elems[0].err;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return offset;
    const bool timed_out = error == RD_KAFKA_RESP_ERR__TIMED_OUT;
    left_ms -= timed_out ? try_ms : wait_ms;
    if ((!timed_out && error != RD_KAFKA_RESP_ERR__STATE) || left_ms <= 0)
      return error_of(error, fmt::format("seek in {}", tp.topic));
    std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
  }
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
    std::function<Result<std::int64_t>()> job = [rk = core->instance_, tp, where] {
      return seek_to(rk.get(), tp, where);
    };
    sought = co_await Client::off_loop<Result<std::int64_t>>(core->client_, std::move(job));
  }
  if (core->closed_) co_return core->closed();
  core->waiter_.complete(Wake{});
  if (!sought) co_return sought.error();
  Owned* owned = core->find(tp);
  if (!owned) co_return core->not_owned(tp);
  owned->expected = *sought;
  owned->held.clear();
  co_return Result<void>();
}

void ConsumerCore::set_paused(const std::vector<TopicPartition>& partitions, bool paused) {
  if (gone_) return;
  std::vector<TopicPartition> changed;
  for (const TopicPartition& tp : partitions) {
    Owned* owned = find(tp);
    if (!owned || owned->paused == paused) continue;
    owned->paused = paused;
    changed.push_back(tp);
  }
  if (changed.empty()) return;
  const PartitionList list = to_list(changed);
  const auto error = paused ? rd_kafka_pause_partitions(instance_.get(), list.get())
                            : rd_kafka_resume_partitions(instance_.get(), list.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) log::error("{}: pause: {}", spec_.client_id, rd_kafka_err2str(error));
  if (!paused) waiter_.complete(Wake{});
}

}  // namespace foodorder::kafka
