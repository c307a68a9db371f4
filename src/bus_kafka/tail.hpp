#pragma once

#include "fetched.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace foodorder::kafka {

class Client;
class Fetcher;

/// Reads the newest records once for all consumers of a process. For each partition that a consumer owns it keeps the
/// last 4,096 records, 4 MiB at most. A consumer that needs older records fetches them itself until it has caught up
/// with these.
class Tail final : public std::enable_shared_from_this<Tail> {
 public:
  explicit Tail(Client& client);
  ~Tail();
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  class Cursor;
  /// A cursor at the tail of a partition whose next record will get the offset `end`. `grown` is called on the loop
  /// when records have arrived.
  Cursor cursor(const TopicPartition& tp, std::int64_t end, std::function<void()> grown);

  /// A topic was deleted and made again: who comes now reads the new log. Those who are there keep what was read.
  void replace(const std::string& topic);

  /// Reads nothing any more.
  void stop();

 private:
  struct Log {
    std::int64_t start = 0;  ///< all records from here on are in `recent`
    std::int64_t end = 0;    ///< the next offset that it will read
    std::size_t bytes = 0;
    std::deque<ConsumerRecord> recent;
    std::vector<const std::function<void()>*> readers;
  };

  void read();
  std::size_t take(std::size_t most);
  static void append(Log& log, ConsumerRecord record);
  void leave(const TopicPartition& tp, Log& log, const std::function<void()>* reader);
  [[nodiscard]] Log* find(const TopicPartition& tp);

  Client& client_;
  std::map<TopicPartition, std::shared_ptr<Log>> logs_;
  Fetched batch_;
  bool stopped_ = false;
  std::unique_ptr<Fetcher> fetcher_;
};

/// Released by its destructor.
class Tail::Cursor {
 public:
  Cursor(std::shared_ptr<Tail> tail, const TopicPartition& tp, std::shared_ptr<Log> log, std::function<void()> grown);
  Cursor(Cursor&&) noexcept = default;
  Cursor& operator=(Cursor&&) noexcept = delete;
  ~Cursor();

  /// Whether it has, or will have, all records from that offset on.
  [[nodiscard]] bool covers(std::int64_t offset) const;

  /// Adds `most` records at most from `next` on, which moves: up to where the tail has read, if none is left.
  void take(std::int64_t& next, std::size_t most, std::vector<ConsumerRecord>& records) const;

 private:
  std::shared_ptr<Tail> tail_;
  TopicPartition tp_;
  std::shared_ptr<Log> log_;
  std::unique_ptr<const std::function<void()>> grown_;
};

}  // namespace foodorder::kafka
