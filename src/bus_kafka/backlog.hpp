#pragma once

#include "fetched.hpp"
#include "fetcher.hpp"
#include "foodorder/bus/event_bus.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <set>

namespace foodorder::kafka {

/// Reads for one consumer what is older than the tail. A thread beside the loop makes records of the next messages
/// while the loop works on those before: that takes as long as the work does.
class Backlog final : public std::enable_shared_from_this<Backlog> {
 public:
  /// `on_ready` is called on the loop when there may be something to take; it may end the backlog.
  Backlog(Client& client, const ConsumerSpec& spec, std::function<void()> on_ready);

  /// Reads a partition that it does not read yet from that offset on, which has to be in the log.
  void start(const Position& from) { fetcher_.start(from); }
  /// Stops reading a partition, and drops those of its records that were not taken yet.
  void stop(const TopicPartition& tp);
  [[nodiscard]] bool reads_nothing() const noexcept { return fetcher_.reads_nothing(); }

  /// Adds what has been read, `most` records at most. `on_ready` tells of more.
  void take(std::size_t most, Fetched& fetched);

 private:
  /// A record, or none and how far its partition has been read.
  struct Item {
    Position position;
    std::shared_ptr<const Record> record{};
  };
  using Items = std::vector<Item>;
  struct Job;

  void make_more();
  void made(Items items);

  Client& client_;
  const ConsumerSpec::Wants wants_;
  const std::function<void()> on_ready_;
  Fetcher fetcher_;
  std::deque<Item> items_;
  bool making_ = false;
  std::set<TopicPartition> stopped_;  ///< while records were being made
};

}  // namespace foodorder::kafka
