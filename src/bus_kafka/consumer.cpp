// A consumer's events and its next().
#include "consumer.hpp"

#include "errors.hpp"
#include "foodorder/base/log.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::kafka {

namespace {

/// librdkafka takes a member that polls nothing for dead, also one that has nothing to read.
constexpr Duration poll_interval = std::chrono::seconds(1);

}  // namespace

ConsumerCore::ConsumerCore(std::shared_ptr<Client> client, ConsumerSpec spec)
    : client_(std::move(client)), spec_(std::move(spec)) {}

void ConsumerCore::start() {
  client_->topic_watch().start();
  topics_seen_ = client_->topic_watch().version();
  poll_again();
  if (!spec_.group) return;
  handle_ = make_member_handle(client_->settings().member(spec_));
  control_.reset(rd_kafka_queue_get_consumer(handle_.get()));
  watch_ = std::make_unique<QueueWatch>(client_->executor(), [weak = weak_from_this()] {
    if (const auto core = weak.lock()) core->on_ready();
  });
  watch_->watch(control_.get());
}

void ConsumerCore::abandon() {
  if (gone_) return;
  closed_ = true;
  waiter_ = {};  // its coroutine ends with its execution context
  let_go();
}

void ConsumerCore::let_go() {
  gone_ = true;
  // A program that had to be cut short ends its coroutines last, and consumers with them: the clock is gone by then.
  if (!client_->stopped()) client_->clock().cancel(poll_timer_);
  backlog_.reset();
  owned_.clear();
  watch_.reset();
  control_.reset();
  client_->destroy_off_loop(std::move(handle_));
}

// -------------------------------------------------------------------------------------------------- events

void ConsumerCore::on_ready() {
  while (!gone_ && control_) {
    const kafka::Event event{rd_kafka_queue_poll(control_.get(), 0)};
    if (!event) break;
    switch (rd_kafka_event_type(event.get())) {
      case RD_KAFKA_EVENT_REBALANCE:
        on_rebalance(event.get());
        break;
      case RD_KAFKA_EVENT_OFFSET_COMMIT:
        on_committed(event.get());
        break;
      case RD_KAFKA_EVENT_ERROR:
        join_watch_.failed(rd_kafka_event_error(event.get()), rd_kafka_event_error_string(event.get()));
        [[fallthrough]];
      default:
        log_event(event.get());
    }
  }
  if (gone_) return;
  if (closed_ && handle_ && rd_kafka_consumer_closed(handle_.get())) return finish_close();
  wake();
}

void ConsumerCore::on_rebalance(rd_kafka_event_t* event) {
  if (closed_) {
    rd_kafka_assign(handle_.get(), nullptr);
    return;
  }
  Rebalance rebalance;
  rebalance.assigns = rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  rebalance.partitions = to_partitions(rd_kafka_event_topic_partition_list(event));
  if (rebalance.assigns) join_watch_.joined();
  rebalances_.push_back(std::move(rebalance));
}

void ConsumerCore::on_committed(rd_kafka_event_t* event) {
  const auto found = commits_.find(reinterpret_cast<std::uintptr_t>(rd_kafka_event_opaque(event)));
  if (found == commits_.end()) return;
  auto error = rd_kafka_event_error(event);
  for (const auto& element : Elements(rd_kafka_event_topic_partition_list(event)))
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = element.err;
  Result<void> result;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) result = error_of(error, fmt::format("commit by {}", spec_.client_id));
  found->second.complete(std::move(result));
  commits_.erase(found);
}

void ConsumerCore::poll_again() {
  Clock& clock = client_->clock();
  const Duration often = std::min(poll_interval, spec_.poll_interval_max / 3);
  poll_timer_ = clock.call_at(clock.now() + often, [weak = weak_from_this()] {
    const auto core = weak.lock();
    if (!core || core->gone_) return;
    core->poll_again();
    core->join_watch_.look(core->client_->clock().now(), !core->client_->trouble());
    if (core->topics_seen_ != core->client_->topic_watch().version()) core->wake();
    // A member that is asked for its partitions and does not call next() is to lose its place after poll_interval_max.
    const bool holds_up = !core->rebalances_.empty() || core->revocation_delivered_;
    if (core->in_next_ || !holds_up) core->on_ready();
  });
}

// ---------------------------------------------------------------------------------------------------- next

/// Says that a call is under way, also when its frame is destroyed while it waits.
struct ConsumerCore::InNext {
  explicit InNext(ConsumerCore& which) : core(which) { core.in_next_ = true; }
  ~InNext() { core.in_next_ = false; }
  InNext(const InNext&) = delete;
  InNext& operator=(const InNext&) = delete;

  ConsumerCore& core;
};

Task<Result<ConsumerEvent>> ConsumerCore::next(std::shared_ptr<ConsumerCore> core) {
  if (core->in_next_) co_return Error(Errc::invalid_argument, "next() is waiting already");
  const InNext in_next(*core);
  // A consumer with a long backlog gives way to the others after each batch.
  if (core->delivered_) co_await asio::post(asio::deferred);
  core->delivered_ = false;
  if (!core->closed_) core->join();
  for (;;) {
    if (core->closed_) co_return core->closed();
    OptionalEvent event = co_await step(core);
    if (core->closed_) co_return core->closed();
    if (event) co_return std::move(*event);
  }
}

/// Does one pending step and returns its event, if it has one. Waits if nothing is pending.
Task<ConsumerCore::OptionalEvent> ConsumerCore::step(std::shared_ptr<ConsumerCore> core) {
  if (core->revocation_delivered_) core->give_back();
  if (!core->rebalances_.empty()) {
    if (!core->rebalances_.front().assigns) co_return core->deliver_revoked();
    OptionalEvent assigned = co_await take_over(core);
    co_return assigned;
  }
  if (core->topics_seen_ != core->client_->topic_watch().version()) {
    OptionalEvent replaced = core->deliver_replaced();
    if (replaced) co_return replaced;
    co_return OptionalEvent();  // a reader may have more partitions
  }
  if (!core->spec_.group && core->client_->clock().now() >= core->read_topics_at_) {
    OptionalEvent assigned = co_await read_topics(core);
    if (assigned || core->closed_) co_return assigned;
  }
  OptionalEvent batch = core->read_batch();
  if (batch) co_return batch;
  co_await park<Wake>([&](Waiter<Wake> waiter) { core->waiter_ = std::move(waiter); });
  co_return OptionalEvent();
}

void ConsumerCore::join() {
  if (joined_ || !spec_.group) return;
  joined_ = true;
  subscribe();
}

/// A second time: gives all back and joins anew, with what the broker then says of the topics.
void ConsumerCore::subscribe() {
  join_watch_.asks(client_->clock().now());
  const PartitionList topics = make_list(spec_.topics.size());
  for (const std::string& topic : spec_.topics)
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto error = rd_kafka_subscribe(handle_.get(), topics.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) log::error("{}: subscribe: {}", spec_.client_id, rd_kafka_err2str(error));
}

/// The member owns its partitions until the call of next() that follows, unless they are lost already.
ConsumerCore::OptionalEvent ConsumerCore::deliver_revoked() {
  rebalances_.pop_front();
  const bool lost = rd_kafka_assignment_lost(handle_.get()) != 0;
  if (owned_.empty()) {
    give_back();
    return {};
  }
  Revoked revoked;
  revoked.lost = lost;
  for (const Owned& owned : owned_) revoked.partitions.push_back(owned.tp);
  if (lost)
    give_back();
  else
    revocation_delivered_ = true;
  return revoked;
}

/// Partitions that are in another log now: their topic was deleted and made again.
ConsumerCore::OptionalEvent ConsumerCore::deliver_replaced() {
  const TopicWatch& watch = client_->topic_watch();
  topics_seen_ = watch.version();
  read_topics_at_ = {};
  Revoked revoked;
  revoked.lost = true;
  std::vector<Owned> kept;
  for (Owned& owned : std::exchange(owned_, {})) {
    const std::string log = watch.log_of(owned.tp.topic);
    divided_[owned.tp.topic] = log;
    if (owned.log.empty()) owned.log = log;
    if (owned.log == log) {
      kept.push_back(std::move(owned));
    } else {
      fetch_no_more(owned);
      revoked.partitions.push_back(owned.tp);
    }
  }
  owned_ = std::move(kept);
  if (assigned_) judge_division(watch.logs_of(spec_.topics));
  if (revoked.partitions.empty()) return {};
  if (spec_.group) rebalances_.push_back(Rebalance{true, false, revoked.partitions});
  return revoked;
}

void ConsumerCore::give_back() {
  revocation_delivered_ = false;
  assigned_ = false;
  backlog_.reset();
  owned_.clear();
  rd_kafka_assign(handle_.get(), nullptr);
  if (!closed_) join_watch_.asks(client_->clock().now());
}

// ------------------------------------------------------------------------------------------------- reading

ConsumerCore::OptionalEvent ConsumerCore::read_batch() {
  if (seeking_ > 0 || owned_.empty()) return {};
  choose_sources();
  const std::size_t most = std::max<std::size_t>(spec_.poll_max_records, 1);
  Records batch;
  tail_first_ = !tail_first_;  // a backlog of one partition does not keep the others waiting
  if (tail_first_) take_from_tail(most, batch);
  take_fetched(most - batch.records.size(), batch);
  if (!tail_first_) take_from_tail(most - batch.records.size(), batch);
  for (Owned& owned : owned_)
    if (owned.position != std::exchange(owned.delivered, owned.position))
      batch.next_offsets.emplace_back(owned.tp, owned.position);
  if (batch.next_offsets.empty()) return {};
  delivered_ = true;
  return batch;
}

/// Each partition that is not paused is read from the tail as soon as that has what is needed next.
void ConsumerCore::choose_sources() {
  for (Owned& owned : owned_) {
    if (!owned.paused && !owned.cursor.covers(owned.position))
      fetch(owned);
    else
      fetch_no_more(owned);
  }
  if (backlog_ && backlog_->reads_nothing()) backlog_.reset();
}

void ConsumerCore::fetch(Owned& owned) {
  if (owned.fetched) return;
  owned.fetched = true;
  if (!backlog_) {
    backlog_ = std::make_shared<Backlog>(*client_, spec_, [weak = weak_from_this()] {
      if (const auto core = weak.lock()) core->wake();
    });
  }
  backlog_->start(Position(owned.tp, owned.position));
}

void ConsumerCore::fetch_no_more(Owned& owned) {
  if (!owned.fetched) return;
  owned.fetched = false;
  backlog_->stop(owned.tp);
}

void ConsumerCore::take_fetched(std::size_t most, Records& batch) {
  if (!backlog_ || most == 0) return;
  fetched_.clear();
  backlog_->take(most, fetched_);
  for (ConsumerRecord& record : fetched_.records) {
    Owned* owned = find(record.position.tp);
    if (!owned || !owned->fetched || record.position.offset < owned->position) continue;
    owned->position = record.position.offset + 1;
    batch.records.push_back(std::move(record));
  }
  for (const Position& end : fetched_.ends)
    if (Owned* owned = find(end.tp); owned && owned->fetched) owned->position = std::max(owned->position, end.offset);
}

/// Each partition gets its share of what there is room for, and what the others leave.
void ConsumerCore::take_from_tail(std::size_t most, Records& batch) {
  std::size_t left = owned_.size();
  for (Owned& owned : owned_) {
    const std::size_t before = batch.records.size();
    if (!owned.paused && !owned.fetched) owned.cursor.take(owned.position, (most + left - 1) / left, batch.records);
    most -= batch.records.size() - before;
    --left;
  }
}

Owned* ConsumerCore::find(const TopicPartition& tp) {
  for (Owned& owned : owned_)
    if (owned.tp == tp) return &owned;
  return nullptr;
}

Error ConsumerCore::closed() const {
  return Error(Errc::closed, fmt::format("consumer {} is closed", spec_.client_id));
}

Error ConsumerCore::not_owned(const TopicPartition& tp) const {
  return Error(Errc::fenced, fmt::format("{} does not own {}-{}", spec_.client_id, tp.topic, tp.partition));
}

// -------------------------------------------------------------------------------------------------- handle

namespace {

class KafkaConsumer final : public Consumer {
 public:
  KafkaConsumer(std::shared_ptr<Client> client, ConsumerSpec spec)
      : core_(std::make_shared<ConsumerCore>(std::move(client), std::move(spec))) {
    core_->start();
  }
  ~KafkaConsumer() override { core_->abandon(); }

  Task<Result<ConsumerEvent>> next() override { return ConsumerCore::next(core_); }
  Task<Result<void>> commit(std::vector<Position> next_offsets) override {
    return ConsumerCore::commit(core_, std::move(next_offsets));
  }
  Task<Result<void>> seek(TopicPartition partition, Where where) override {
    return ConsumerCore::seek(core_, std::move(partition), where);
  }
  void pause(const std::vector<TopicPartition>& partitions) override { core_->set_paused(partitions, true); }
  void resume(const std::vector<TopicPartition>& partitions) override { core_->set_paused(partitions, false); }
  std::optional<std::string> trouble() const override { return core_->join_trouble(); }
  std::vector<Position> assignment() const override { return core_->assignment(); }
  Task<> close() override { return ConsumerCore::close(core_); }

 private:
  const std::shared_ptr<ConsumerCore> core_;
};

}  // namespace

std::unique_ptr<Consumer> make_consumer(std::shared_ptr<Client> client, ConsumerSpec spec) {
  return std::make_unique<KafkaConsumer>(std::move(client), std::move(spec));
}

}  // namespace foodorder::kafka
