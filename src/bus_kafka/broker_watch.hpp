#pragma once

#include "foodorder/base/clock.hpp"
#include "handles.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foodorder::kafka {

class Client;

/// Knows whether a broker answers. It asks every 5 s, and every 250 ms while none answers. On the loop.
class BrokerWatch {
 public:
  explicit BrokerWatch(Client& client);

  /// Asks a broker now, and again at intervals. The first call starts the watch.
  void probe();
  void stop();

  /// Why no broker answers. Set until the first answer.
  [[nodiscard]] const std::optional<std::string>& trouble() const noexcept { return trouble_; }
  /// Sends are refused because no broker answers. False before the first probe has ended. From any thread.
  [[nodiscard]] bool known_down() const noexcept { return down_; }

  /// A call got an answer from a broker.
  void answered();
  /// An error event of the shared producer.
  void take_error(rd_kafka_event_t* event);

 private:
  [[nodiscard]] std::string why_down(rd_kafka_resp_err_t error) const;
  void say_down(std::string_view why);
  void end_probe(rd_kafka_resp_err_t error, std::uint64_t began);
  void probe_after(Duration delay);

  Client& client_;
  std::optional<std::string> trouble_;
  std::string connection_error_;  ///< the last one since a broker answered
  bool reason_logged_ = false;
  std::atomic<bool> down_ = false;
  bool probing_ = false;
  std::uint64_t failures_ = 0;  ///< a probe that began before the last one proves nothing
  Clock::TimerId timer_ = 0;
};

}  // namespace foodorder::kafka
