#pragma once

#include "detector.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/bus/event_bus.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace foodorder::fraud {

/// What a replay reads by. Replays never meet: each has a group of its own.
ConsumerSpec replay_member(const std::string& instance_id, IdSource& ids, Duration session_timeout);

/// Judges all of `orders` again, from the beginning to where it ends now, as the one member of a fresh group and in a
/// fresh window, and compares with what stands on `audit`. It writes nothing, and commits for its own group only. At
/// most `orders_max` orders are compared.
class Replay {
 public:
  static constexpr std::size_t orders_max = 1'000'000;
  static constexpr std::size_t differences_max = 100;

  /// `reader`: a member of a group of its own, which is deleted at the end.
  Replay(EventBus& bus, Clock& clock, ConsumerSpec reader, const Limits& limits, Duration grace);

  /// {orders, alerts, late, differences: [{orderId, replayed: [types], recorded: [types] or null}], differenceCount}.
  Task<Result<json::object>> run();

  /// {group, state: "reading", "comparing", "done" or "failed", done, total}, in offsets, and the summary once it is
  /// there.
  [[nodiscard]] json::object progress() const;

 private:
  struct Outcome {
    Position position;
    std::uint64_t alerts = 0;  // fingerprint of type and reason of each
    std::string types;         // "VELOCITY,AMOUNT"
    bool recorded = false;
  };

  Task<Result<void>> read_orders();
  Task<Result<void>> read_up_to(std::vector<Position> ends, Consumer& consumer);
  Task<Result<void>> compare();
  Task<Result<void>> add_missing();
  void read(const Records& batch, const std::vector<Position>& ends);
  bool all_read(const std::vector<Position>& ends, Consumer& consumer);
  void judge_ready();
  void compare(const ConsumerRecord& record);
  void add_difference(std::string_view order_id, std::string_view replayed, const json::value& recorded);
  Task<Result<std::vector<Position>>> places(std::string_view topic, Where where);

  EventBus& bus_;
  Clock& clock_;
  ConsumerSpec reader_;
  Limits limits_;
  Duration grace_;
  std::optional<Detector> detector_;
  std::unordered_multimap<EventKey, Outcome> outcomes_;  // an event whose echo comes after its window is judged again
  std::string state_ = "reading";
  std::int64_t done_ = 0;
  std::int64_t total_ = 0;
  std::int64_t orders_ = 0;
  std::int64_t alerts_ = 0;
  std::int64_t difference_count_ = 0;
  json::array differences_;
  json::object summary_;
};

}  // namespace foodorder::fraud
