#pragma once

#include "backlog.hpp"
#include "client.hpp"
#include "foodorder/base/wait.hpp"
#include "join_watch.hpp"

#include <deque>
#include <map>

namespace foodorder::kafka {

/// Where a consumer begins in a partition, and the partition's end at that time, in which log (TopicWatch::log_of()).
struct Place {
  TopicPartition tp;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::string log{};
};

/// A partition that a consumer owns.
struct Owned {
  Owned(Place place, Tail::Cursor its_cursor)
      : tp(std::move(place.tp)),
        position(place.begin),
        delivered(place.begin),
        log(std::move(place.log)),
        cursor(std::move(its_cursor)) {}

  TopicPartition tp;
  std::int64_t position;   ///< the next offset to be delivered
  std::int64_t delivered;  ///< the position that the user of the consumer knows
  std::string log;
  Tail::Cursor cursor;
  bool paused = false;
  bool fetched = false;  ///< by the consumer's backlog, for it needs what is older than the tail
};

/// The state of a consumer. The frames of its calls share it, so that the consumer may be destroyed while a call waits.
/// A member of a group has a librdkafka handle, which joins, commits and leaves, and reads nothing; a reader without a
/// group has none. The watch delivers librdkafka's events, and next() acts on them: then the caller has finished with
/// the records before.
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
  [[nodiscard]] const std::optional<std::string>& join_trouble() const noexcept { return join_watch_.trouble(); }

  /// The handle is gone, by a crash: frees, and leaves no group.
  void abandon();

 private:
  using OptionalEvent = std::optional<ConsumerEvent>;
  struct Rebalance {
    bool assigns = false;
    bool by_coordinator = true;  ///< else what a member owns is in another log now
    std::vector<TopicPartition> partitions;
  };
  struct InNext;

  // Events of librdkafka.
  void on_ready();
  void on_rebalance(rd_kafka_event_t* event);
  void on_committed(rd_kafka_event_t* event);
  void poll_again();

  // next(), step by step; nothing to tell: go on.
  static Task<OptionalEvent> step(std::shared_ptr<ConsumerCore> core);
  void join();
  static Task<OptionalEvent> take_over(std::shared_ptr<ConsumerCore> core);
  static Task<OptionalEvent> read_topics(std::shared_ptr<ConsumerCore> core);
  OptionalEvent deliver_revoked();
  OptionalEvent deliver_replaced();
  void give_back();
  void subscribe();
  void judge_division(const TopicIds& logs);
  [[nodiscard]] bool owns_of(const std::string& topic) const;
  OptionalEvent begin(const std::vector<Place>& places);
  void wake() { waiter_.complete(Wake{}); }

  // What it reads.
  OptionalEvent read_batch();
  void choose_sources();
  void fetch(Owned& owned);
  void fetch_no_more(Owned& owned);
  void take_fetched(std::size_t most, Records& batch);
  void take_from_tail(std::size_t most, Records& batch);

  // commit()
  void send_commit(const rd_kafka_topic_partition_list_t& next_offsets, Waiter<Result<void>> waiter);

  [[nodiscard]] Owned* find(const TopicPartition& tp);
  [[nodiscard]] Error closed() const;
  [[nodiscard]] Error not_owned(const TopicPartition& tp) const;

  // close()
  void leave();
  void finish_close();
  void let_go();

  const std::shared_ptr<Client> client_;
  const ConsumerSpec spec_;
  JoinWatch join_watch_{spec_};
  Handle handle_;  ///< a member's
  std::vector<Owned> owned_;
  std::deque<Rebalance> rebalances_;                        ///< to be done by next()
  std::map<std::uintptr_t, Waiter<Result<void>>> commits_;  ///< without an answer
  std::uintptr_t last_commit_ = 0;
  Waiter<Wake> waiter_;
  Condition left_;  ///< it is gone
  Clock::TimerId poll_timer_ = 0;
  Timestamp read_topics_at_{};     ///< readers: when to look for topics that were not there
  std::uint64_t topics_seen_ = 0;  ///< TopicWatch::version()
  int seeking_ = 0;
  TopicIds divided_;       ///< members: the logs that the group has divided last, by topic; see judge_division()
  bool assigned_ = false;  ///< members: by the coordinator, and not given back
  bool joined_ = false;
  bool revocation_delivered_ = false;  ///< the next next() gives the partitions back
  bool tail_first_ = false;            ///< in the next batch
  bool delivered_ = false;
  bool in_next_ = false;
  bool closed_ = false;
  bool gone_ = false;  ///< closed to the end, or abandoned
  Queue control_;      ///< rebalances, commits, errors
  std::unique_ptr<QueueWatch> watch_;
  Fetched fetched_;
  std::shared_ptr<Backlog> backlog_;  ///< while a partition needs it
};

std::unique_ptr<Consumer> make_consumer(std::shared_ptr<Client> client, ConsumerSpec spec);

}  // namespace foodorder::kafka
