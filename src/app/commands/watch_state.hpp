#pragma once

#include "client.hpp"
#include "foodorder/base/time.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace foodorder::app {

/// What `foodorder watch` knows: the system as it was at the last look, and what has changed since the one before.
struct WatchState {
  /// One partition that a group reads, or all of a topic.
  struct Row {
    bool operator==(const Row&) const = default;

    std::string group;
    std::string topic;
    std::optional<std::int64_t> partition;  ///< none: all of them
    std::string owner;                      ///< "NONE, 7 s left" while nobody reads
    std::int64_t committed = 0;
    std::int64_t end = 0;
    std::int64_t lag = 0;
  };
  struct Member {
    std::string instance;
    std::string kind;
    std::string state;
    std::string error;
    std::optional<double> per_second;  ///< records that it commits
    std::optional<double> fail_rate;
  };
  struct Event {
    Timestamp time{};
    std::string topic;
    std::int64_t partition = 0;
    std::int64_t offset = 0;
    std::string action;
    std::string order;
    std::string detail;
  };
  struct Figures {
    std::int64_t accepted = 0;
    std::int64_t notified = 0;
    std::int64_t gave_up = 0;
    std::int64_t dropped = 0;
    std::int64_t waiting = 0;
    std::int64_t lost = 0;
    std::int64_t done_twice = 0;
    std::int64_t retries = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    std::optional<double> success;
  };

  Timestamp time{};
  std::vector<Row> rows;  ///< a row a partition
  std::vector<Member> members;
  std::optional<Figures> figures;    ///< none where no analytics module tells them
  std::optional<double> per_second;  ///< orders that were accepted
  std::optional<double> load;        ///< that the program places, a second
  std::deque<Event> events;          ///< newest last
  std::int64_t events_seen = 0;      ///< in all; the last of them are in `events`
  std::string trouble;               ///< why the last look failed; empty where it did not
};

/// Looks at the system again and again.
class Watcher {
 public:
  static constexpr std::size_t events_max = 200;

  explicit Watcher(Client& client) : client_(client) {}

  /// Throws what Client throws.
  void look(Timestamp now);
  [[nodiscard]] const WatchState& state() const noexcept { return state_; }
  /// The last look failed; what it had found before stays.
  void failed(std::string why) { state_.trouble = std::move(why); }

 private:
  void take_groups(const json::array& groups);
  void take_modules(const json::array& modules, Timestamp now);
  void take_figures(const json::object& stats);
  void take_events();
  [[nodiscard]] std::optional<json::value> told(const std::string& target);

  /// Of a count that has grown since the last look.
  [[nodiscard]] std::optional<double> rate_of(const std::string& name, std::int64_t count);

  Client& client_;
  WatchState state_;
  std::map<std::string, std::int64_t> counts_;        ///< at the last look
  std::map<std::string, double> committed_by_owner_;  ///< records a second
  double elapsed_seconds_ = 0;                        ///< since the last look; 0 at the first
  std::optional<std::int64_t> last_event_;            ///< of `audit`, in its only partition
  bool behind_ = false;                               ///< there was more of `audit` than a look takes
};

/// Rows of groups whose topic is read by one member only are one row, with the sums.
std::vector<WatchState::Row> folded(const std::vector<WatchState::Row>& rows, bool all);

}  // namespace foodorder::app
