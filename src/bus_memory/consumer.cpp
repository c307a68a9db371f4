#include "consumer.hpp"

#include "foodorder/base/yield.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace foodorder {

using Phase = Membership::Phase;

ConsumerCore::ConsumerCore(std::shared_ptr<MemoryBroker> broker, ConsumerSpec spec)
    : broker_(std::move(broker)), spec_(std::move(spec)), member_(std::make_shared<Membership>(spec_)) {
  if (!spec_.group) broker_->add_reader(member_->sleeper);
}

ConsumerCore::~ConsumerCore() { abandon(); }

void ConsumerCore::abandon() {
  closed_ = true;
  unlisten();
  if (!spec_.group) broker_->remove_reader(member_->sleeper);
  // Nobody completes it any more; its coroutine ends with its execution context.
  member_->sleeper.waiter = {};
}

void ConsumerCore::close() {
  if (closed_) return;
  closed_ = true;
  unlisten();
  if (spec_.group && member_->phase != Phase::outside && member_->phase != Phase::expelled) group_->leave(*member_);
  member_->phase = Phase::outside;
  member_->owned.clear();
  if (heartbeat_ != 0) broker_->clock().cancel(heartbeat_);
  member_->sleeper.wake();
}

// ---------------------------------------------------------------------------------------------------- next

/// Says that a call is under way, also when its frame is destroyed while it waits.
struct ConsumerCore::InNext {
  explicit InNext(Membership& which) : member(which) { member.in_next = true; }
  ~InNext() { member.in_next = false; }
  InNext(const InNext&) = delete;
  InNext& operator=(const InNext&) = delete;

  Membership& member;
};

Task<Result<ConsumerEvent>> ConsumerCore::next(std::shared_ptr<ConsumerCore> core) {
  const Executor executor = co_await asio::this_coro::executor;
  if (core->member_->in_next) co_return Error(Errc::invalid_argument, "next() is waiting already");
  const InNext in_next(*core->member_);
  core->start_heartbeat(executor);
  // A consumer with a backlog gives way to the others after each batch.
  if (core->delivered_ && core->unread_max() > 0) co_await next_pass();
  core->delivered_ = false;
  for (;;) {
    if (core->closed_) co_return Error(Errc::closed, fmt::format("consumer {} is closed", core->spec_.client_id));
    Event event = core->poll();
    if (event) co_return std::move(*event);
    if (const auto joined = core->join(); !joined) co_return joined.error();
    Sleeper& sleeper = core->member_->sleeper;
    co_await park<Wake>([&](Waiter<Wake> waiter) { sleeper.waiter = std::move(waiter); });
  }
}

ConsumerCore::Event ConsumerCore::poll() { return spec_.group ? poll_group() : poll_reader(); }

Result<void> ConsumerCore::join() {
  if (!spec_.group || member_->phase != Phase::outside) return {};
  if (spec_.session_timeout < Features().session_timeout_min)
    return Error(Errc::invalid_argument,
                 fmt::format("{}: a session timeout of {} ms; the shortest is {} ms", spec_.client_id,
                             spec_.session_timeout / std::chrono::milliseconds(1),
                             Features().session_timeout_min / std::chrono::milliseconds(1)));
  const auto group = broker_->group(*spec_.group);
  if (!group) return group.error();
  group_ = *group;
  group_->join(member_);
  return {};
}

ConsumerCore::Event ConsumerCore::poll_group() {
  switch (member_->phase) {
    case Phase::expelled:
      return deliver_lost();
    case Phase::outside:
    case Phase::joining:
      return {};
    case Phase::assigned:
      return deliver_assigned();
    case Phase::owning:
      return read_batch();
    case Phase::revoking:
      if (!member_->owned.empty()) {
        Revoked revoked;
        for (const OwnedPartition& owned : member_->owned) revoked.partitions.push_back(owned.partition->tp);
        member_->phase = Phase::revoked;
        return revoked;
      }
      [[fallthrough]];
    case Phase::revoked:
      unlisten();
      group_->rejoin(*member_);
      return {};
  }
  return {};
}

ConsumerCore::Event ConsumerCore::deliver_assigned() {
  member_->phase = Phase::owning;
  listen();
  Assigned assigned;
  assigned.positions = assignment();
  return assigned;
}

ConsumerCore::Event ConsumerCore::deliver_lost() {
  unlisten();
  member_->phase = Phase::outside;
  if (member_->owned.empty()) return {};
  Revoked revoked;
  revoked.lost = true;
  for (const OwnedPartition& owned : member_->owned) revoked.partitions.push_back(owned.partition->tp);
  member_->owned.clear();
  return revoked;
}

// ------------------------------------------------------------------------------------------------- reading

ConsumerCore::Event ConsumerCore::poll_reader() {
  member_->phase = Phase::owning;
  if (!assigned_ || topics_seen_ != broker_->topics_version()) {
    topics_seen_ = broker_->topics_version();
    const std::size_t known = member_->owned.size();
    unlisten();
    for (const std::string& name : spec_.topics)
      if (MemoryTopic* topic = broker_->find_topic(name)) begin_reading(*topic);
    listen();
    if (!assigned_ || member_->owned.size() > known) {
      assigned_ = true;
      Assigned assigned;
      for (std::size_t i = known; i < member_->owned.size(); ++i)
        assigned.positions.emplace_back(member_->owned[i].partition->tp, member_->owned[i].position);
      return assigned;
    }
  }
  return read_batch();
}

void ConsumerCore::begin_reading(MemoryTopic& topic) {
  if (member_->find(TopicPartition(topic.name, 0))) return;
  for (const auto& partition : topic.partitions) {
    const std::int64_t position = member_->position_in(partition->log, wanted_start(partition->tp));
    member_->owned.emplace_back(*partition, nullptr, position);
  }
}

std::optional<std::int64_t> ConsumerCore::wanted_start(const TopicPartition& tp) const {
  for (const Position& start : spec_.start)
    if (start.tp == tp) return start.offset;
  return {};
}

ConsumerCore::Event ConsumerCore::read_batch() {
  Records batch;
  auto& owned = member_->owned;
  std::size_t left = std::max<std::size_t>(spec_.poll_max_records, 1);
  batch.records.reserve(std::min(left, unread_max()));
  // Each batch begins with another partition, so that a busy one does not starve the others.
  for (std::size_t i = 0; i < owned.size() && left > 0; ++i)
    left -= read_partition(owned[(first_partition_ + i) % owned.size()], left, batch);
  if (batch.next_offsets.empty()) return {};
  ++first_partition_;
  delivered_ = true;
  return batch;
}

std::size_t ConsumerCore::unread_max() const {
  std::int64_t unread = 0;
  for (const OwnedPartition& owned : member_->owned)
    if (!owned.paused) unread += owned.partition->log.end_offset() - owned.position;
  return static_cast<std::size_t>(unread);
}

std::size_t ConsumerCore::read_partition(OwnedPartition& owned, std::size_t records_max, Records& batch) const {
  const MemoryLog& log = owned.partition->log;
  if (owned.paused || owned.position == log.end_offset()) return 0;
  const std::int64_t moved_from = owned.position;
  if (owned.position < log.start_offset()) owned.position = member_->reset_position(log);
  const std::size_t before = batch.records.size();
  const std::size_t end = before + records_max;
  owned.position = log.read(owned.position, [&](std::int64_t offset, const std::shared_ptr<const Record>& record) {
    if (batch.records.size() == end) return false;
    batch.records.emplace_back(owned.partition->tp, offset, record);
    return true;
  });
  if (owned.position != moved_from) batch.next_offsets.emplace_back(owned.partition->tp, owned.position);
  if (owned.group) owned.group->unread_from = owned.position;
  return batch.records.size() - before;
}

void ConsumerCore::listen() {
  for (const OwnedPartition& owned : member_->owned) owned.partition->readers.push_back(&member_->sleeper);
}

void ConsumerCore::unlisten() {
  for (const OwnedPartition& owned : member_->owned) std::erase(owned.partition->readers, &member_->sleeper);
}

// ---------------------------------------------------------------------------------------------- heartbeats

void ConsumerCore::start_heartbeat(const Executor& executor) {
  if (!spec_.group || closed_ || beating_) return;
  beating_ = true;
  executor_ = executor;
  beat();
}

/// Each beat is a closure on the member's own executor that arms the next one: a crash drops it, a hold delays it.
void ConsumerCore::beat() {
  if (closed_) return;
  if (member_->phase != Phase::outside && member_->phase != Phase::expelled) group_->beat(*member_);
  Clock& clock = broker_->clock();
  const Duration every = std::max<Duration>(member_->session_timeout / 3, std::chrono::milliseconds(1));
  heartbeat_ = clock.call_at(clock.now() + every, [weak = weak_from_this(), executor = executor_] {
    asio::post(executor, [weak] {
      if (const auto core = weak.lock()) core->beat();
    });
  });
}

// ------------------------------------------------------------------------------------------ commit and seek

Result<void> ConsumerCore::commit(const std::vector<Position>& next_offsets) {
  if (closed_) return Error(Errc::closed, fmt::format("consumer {} is closed", spec_.client_id));
  if (!spec_.group) return Error(Errc::invalid_argument, "a reader without a group has nothing to commit to");
  if (!group_) return Error(Errc::fenced, fmt::format("{} has not joined its group", spec_.client_id));
  return group_->commit(*member_, next_offsets);
}

Result<void> ConsumerCore::seek(const TopicPartition& tp, Where where) {
  if (closed_) return Error(Errc::closed, fmt::format("consumer {} is closed", spec_.client_id));
  OwnedPartition* owned = member_->owns() ? member_->find(tp) : nullptr;
  if (!owned) return Error(Errc::fenced, fmt::format("{} does not own {}-{}", spec_.client_id, tp.topic, tp.partition));
  const MemoryLog& log = owned->partition->log;
  const std::int64_t offset = log.resolve(where);
  if (where.kind == Where::Kind::offset && offset != where.value)
    return Error(Errc::out_of_range, fmt::format("{}-{} has offsets {} to {}, not {}", tp.topic, tp.partition,
                                                 log.start_offset(), log.end_offset(), where.value));
  owned->position = offset;
  member_->sleeper.wake();
  return {};
}

void ConsumerCore::set_paused(const std::vector<TopicPartition>& partitions, bool paused) {
  for (const TopicPartition& tp : partitions)
    if (OwnedPartition* owned = member_->find(tp)) owned->paused = paused;
  if (!paused) member_->sleeper.wake();
}

std::vector<Position> ConsumerCore::assignment() const {
  std::vector<Position> positions;
  if (member_->owns())
    for (const OwnedPartition& owned : member_->owned) positions.emplace_back(owned.partition->tp, owned.position);
  return positions;
}

// -------------------------------------------------------------------------------------------------- handle

namespace {

class MemoryConsumer final : public Consumer {
 public:
  MemoryConsumer(std::shared_ptr<MemoryBroker> broker, ConsumerSpec spec)
      : core_(std::make_shared<ConsumerCore>(std::move(broker), std::move(spec))) {}
  ~MemoryConsumer() override { core_->abandon(); }

  Task<Result<ConsumerEvent>> next() override { return ConsumerCore::next(core_); }
  Task<Result<void>> commit(std::vector<Position> next_offsets) override { co_return core_->commit(next_offsets); }
  Task<Result<void>> seek(TopicPartition partition, Where where) override { co_return core_->seek(partition, where); }
  void pause(const std::vector<TopicPartition>& partitions) override { core_->set_paused(partitions, true); }
  void resume(const std::vector<TopicPartition>& partitions) override { core_->set_paused(partitions, false); }
  std::vector<Position> assignment() const override { return core_->assignment(); }
  Task<> close() override {
    core_->close();
    co_return;
  }

 private:
  const std::shared_ptr<ConsumerCore> core_;
};

}  // namespace

std::unique_ptr<Consumer> make_memory_consumer(std::shared_ptr<MemoryBroker> broker, ConsumerSpec spec) {
  return std::make_unique<MemoryConsumer>(std::move(broker), std::move(spec));
}

}  // namespace foodorder
