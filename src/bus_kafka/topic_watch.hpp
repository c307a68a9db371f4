#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "topic_ids.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace foodorder::kafka {

class Client;

/// Looks every two seconds which topics there are: one that was deleted and made again is another log, though all its
/// names are the same. On the loop.
class TopicWatch {
 public:
  explicit TopicWatch(Client& client) : client_(client) {}

  /// Looks from now on. Idempotent.
  void start();
  void stop();

  /// Topics that are to stay as they are; what is wrong with them is its trouble().
  void expect(const std::vector<TopicSpec>& topics);
  [[nodiscard]] const std::optional<std::string>& trouble() const noexcept { return trouble_; }

  /// Grows with each change: of a log, or of the number of partitions.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
  /// Names the log that a topic has now: its id, or where those are not known a count of the times that the topic was
  /// seen to come back. Empty until it is known.
  [[nodiscard]] std::string log_of(const std::string& topic) const;
  /// The same of several topics, for a thread beside the loop.
  [[nodiscard]] TopicIds logs_of(const std::vector<std::string>& topics) const;

  /// Somebody has found these ids just now.
  void saw(const TopicIds& ids);

 private:
  struct Topic {
    std::string id;
    std::string previous_id;  ///< a broker that is late may still tell it
    std::int32_t partitions = 0;
    int missed = 0;     ///< so many looks have not found it
    int came_back = 0;  ///< so often it was gone and is there again
  };
  /// What one look has found.
  struct Look {
    std::map<std::string, std::int32_t> partitions;
    TopicIds ids;
    std::optional<std::string> trouble;
  };
  using Expected = std::map<std::string, TopicSpec>;

  static Result<Look> look(rd_kafka_t* rk, bool with_settings, bool with_ids, const Expected& expected);
  void look_again();
  void look_now();
  void take(const Look& look);
  void set_trouble(const std::optional<std::string>& found);

  Client& client_;
  std::map<std::string, Topic> topics_;
  Expected expected_;
  std::optional<std::string> doubt_;  ///< of the last look: two that agree make it a trouble
  std::optional<std::string> trouble_;
  std::uint64_t version_ = 1;
  Clock::TimerId timer_ = 0;
  bool started_ = false;
};

}  // namespace foodorder::kafka
