#pragma once

#include "client.hpp"

#include <deque>
#include <map>

namespace foodorder::kafka {

/// A partition that a consumer owns.
struct Owned {
  explicit Owned(Position begin) : tp(std::move(begin.tp)), expected(begin.offset) {}

  /// The next offset to be delivered.
  [[nodiscard]] std::int64_t position() const { return held.empty() ? expected : held.front().position.offset; }

  TopicPartition tp;
  std::int64_t expected;  ///< the next offset to be taken from librdkafka
  bool paused = false;
  std::deque<ConsumerRecord> held;  ///< came while it was paused
};

/// What a consumer is apart from its handle: the frames of its calls hold it too, so that a handle may be destroyed
/// while a call waits. librdkafka's events come by the watch; what they ask for is done inside of next(), where the
/// caller is known to have finished with what it was given.
class ConsumerCore final : public std::enable_shared_from_this<ConsumerCore> {
 public:
  ConsumerCore(std::shared_ptr<Client> client, ConsumerSpec spec);
  ConsumerCore(const ConsumerCore&) = delete;
  ConsumerCore& operator=(const ConsumerCore&) = delete;

  void start();
  static Task<Result<ConsumerEvent>> next(std::shared_ptr<ConsumerCore> core);
  static Task<Result<void>> commit(std::shared_ptr<ConsumerCore> core, std::vector<Position> next_offsets);
  static Task<Result<void>> seek(std::shared_ptr<ConsumerCore> core, TopicPartition tp, Where where);
  static Task<> close(std::shared_ptr<ConsumerCore> core);
  void set_paused(const std::vector<TopicPartition>& partitions, bool paused);
  [[nodiscard]] std::vector<Position> assignment() const;

  /// The handle is gone, by a crash: frees, and leaves no group.
  void abandon();

 private:
  using Told = std::optional<ConsumerEvent>;
  struct Rebalance {
    bool assigns;
    std::vector<TopicPartition> partitions;
  };
  struct InNext;

  // Events of librdkafka.
  void on_ready();
  void on_rebalance(rd_kafka_event_t* event);
  void on_committed(rd_kafka_event_t* event);
  void poll_again();

  // next(), step by step; nothing to tell: go on.
  static Task<Told> step(std::shared_ptr<ConsumerCore> core);
  void join();
  static Task<Told> take_over(std::shared_ptr<ConsumerCore> core);
  static Task<Told> read_topics(std::shared_ptr<ConsumerCore> core);
  Told tell_revoked();
  void give_back();
  void begin(const std::vector<Position>& positions);
  Told read_batch();
  void take_held(Records& batch);
  void accept(const rd_kafka_message_t& message, Records& batch);

  [[nodiscard]] Owned* find(const TopicPartition& tp);
  [[nodiscard]] Error closed() const;
  [[nodiscard]] Error not_owned(const TopicPartition& tp) const;

  // close()
  void answer_while_closing(rd_kafka_event_t* event);
  void finish_close();
  void let_go();

  const std::shared_ptr<Client> client_;
  const ConsumerSpec spec_;
  Instance instance_;
  std::vector<Owned> owned_;
  std::deque<Rebalance> rebalances_;  ///< to be done by next()
  std::map<std::uintptr_t, Waiter<Result<void>>> commits_;
  std::uintptr_t last_commit_ = 0;
  Waiter<Wake> waiter_;
  std::vector<Waiter<Wake>> closers_;
  Clock::TimerId poll_timer_ = 0;
  Timestamp read_topics_at_{};  ///< readers: when to look for topics that were not there
  int seeking_ = 0;
  bool joined_ = false;
  bool revocation_told_ = false;  ///< the next next() gives the partitions back
  bool delivered_ = false;
  bool in_next_ = false;
  bool closed_ = false;
  bool gone_ = false;  ///< closed to the end, or abandoned
  Queue control_;      ///< rebalances, commits, errors
  Queue records_;      ///< of all partitions owned, so that a rebalance never waits behind them
  std::unique_ptr<QueueWatch> watch_;
};

std::unique_ptr<Consumer> make_consumer(std::shared_ptr<Client> client, ConsumerSpec spec);

}  // namespace foodorder::kafka
