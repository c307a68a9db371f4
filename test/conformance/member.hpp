#pragma once

#include "world.hpp"

#include <deque>

namespace foodorder::conformance {

/// A consumer with a loop of its own, which writes down what happens to it. Its destruction is a crash.
class Member {
 public:
  /// What it does about offsets. `by_batch` commits what it was given before it asks for more; the other form takes it
  /// as it comes if its place has been lost meanwhile.
  enum class Commits { never, by_batch, by_batch_unless_fenced };

  Member(World& world, ConsumerSpec spec, Commits commits = Commits::never);
  ~Member();
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  /// It is gone as if its process had been killed. What it wrote down stays.
  void crash();
  /// Nothing of it runs, its heartbeats included, until release().
  void hold();
  void release();
  /// From the next batch on it sits on what it was given and asks for nothing more.
  void stall() { stalled_ = true; }

  Consumer& consumer() { return *consumer_; }
  Task<> close();

  /// What it owns by the events that it was given.
  [[nodiscard]] const std::set<TopicPartition>& owned() const { return owned_; }
  [[nodiscard]] bool owns(const std::string& topic, std::int32_t partition) const {
    return owned_.contains(TopicPartition(topic, partition));
  }

  std::vector<ConsumerRecord> records;
  std::vector<Assigned> assignments;
  std::vector<Revoked> revocations;
  std::size_t largest_batch = 0;
  /// How its loop ended; nothing while it runs.
  std::optional<Errc> ended;

 private:
  class Gate;

  Task<> run();
  Task<> take(Records batch);
  void write_down(Assigned assigned);
  void write_down(Revoked revoked);

  World& world_;
  Commits commits_;
  bool stalled_ = false;
  std::set<TopicPartition> owned_;
  std::shared_ptr<Gate> gate_;
  // Destroyed in this order: the domain with the coroutine that uses the consumer, then the consumer.
  std::unique_ptr<Consumer> consumer_;
  std::unique_ptr<FaultDomain> domain_;
};

/// The partitions that these members own, if no two own the same; else one that two own.
struct Ownership {
  std::set<TopicPartition> owned;
  std::optional<TopicPartition> shared;
};
Ownership ownership(const std::vector<const Member*>& members);

}  // namespace foodorder::conformance
