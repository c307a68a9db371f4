#pragma once

#include "foodorder/bus/event_bus.hpp"

#include <librdkafka/rdkafka.h>
#include <optional>
#include <string>

namespace foodorder::kafka {

/// Knows why a member is not in its group, and logs it once. librdkafka retries by itself.
class JoinWatch {
 public:
  /// A member that asks for its group for so long has something in its way, even if no broker says what.
  static constexpr Duration silent_max = std::chrono::seconds(30);

  explicit JoinWatch(const ConsumerSpec& spec);

  /// It asks to join, or has given its partitions back for a rebalance.
  void asks(Timestamp now);
  /// It is a member: the coordinator has assigned it partitions, perhaps none.
  void joined();
  /// An error of librdkafka. Those of connections are the bus's to tell; those that pass by themselves do not count.
  void failed(rd_kafka_resp_err_t error, const char* text);
  /// Called every second or so.
  void look(Timestamp now, bool bus_in_reach);

  [[nodiscard]] const std::optional<std::string>& trouble() const noexcept { return trouble_; }

 private:
  void tell(std::string why);

  std::string client_id_;
  std::string group_;
  Duration session_timeout_;
  std::optional<Timestamp> asking_since_;
  std::optional<std::string> trouble_;
};

}  // namespace foodorder::kafka
