#pragma once

#include "client.hpp"

#include <functional>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

namespace foodorder::kafka {

using Message = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;
/// They have to go before their handle does.
using Messages = std::vector<Message>;

/// Reads partitions from given offsets on, by an instance of its own that belongs to no group.
class Fetcher {
 public:
  /// `on_ready` is called on the loop when there may be something to take; it may end the fetcher.
  Fetcher(Client& client, std::string client_id, Conf conf, std::function<void()> on_ready);
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  /// Reads a partition that it does not read yet from that offset on, which has to be in the log.
  void start(const Position& from);
  /// Stops reading a partition. Records that were fetched but not taken are dropped.
  void stop(const TopicPartition& tp);
  [[nodiscard]] bool reads_nothing() const noexcept { return started_.empty(); }

  /// Gives the messages that were read, `most` of them at most. If they are fewer, `on_ready` tells of more. A message
  /// with an error says that its partition ends at its offset: all before that was read, also where the last offsets
  /// hold no record.
  [[nodiscard]] Messages take(std::size_t most);

  [[nodiscard]] const Handle& handle() const noexcept { return handle_; }

 private:
  void on_ready();
  [[nodiscard]] rd_kafka_topic_t* topic(const std::string& name);

  Client& client_;
  const std::string client_id_;
  const std::function<void()> on_ready_;
  Handle handle_;
  std::unordered_map<std::string, Topic> topics_;
  std::set<TopicPartition> started_;
  Queue events_;   ///< errors and words
  Queue records_;  ///< of all partitions
  std::unique_ptr<QueueWatch> watch_;
};

}  // namespace foodorder::kafka
