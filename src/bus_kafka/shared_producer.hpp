#pragma once

#include "foodorder/base/clock.hpp"
#include "outgoing.hpp"
#include "queue_watch.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace foodorder::kafka {

class Client;
class ClientMetrics;

/// The one handle of a process that produces and does admin work. After a fatal error it is replaced by another. On the
/// loop.
class SharedProducer {
 public:
  explicit SharedProducer(Client& client);
  ~SharedProducer();
  SharedProducer(const SharedProducer&) = delete;
  SharedProducer& operator=(const SharedProducer&) = delete;

  void start();
  /// Takes no more events. The handles live until destroy(), which blocks.
  void stop();
  void destroy();

  [[nodiscard]] const Handle& handle() const noexcept { return current_->handle; }
  /// The handle of a topic to produce to. It is made at its first use, which costs half a second: the bus makes those
  /// of its own topics beforehand.
  rd_kafka_topic_t* topic(const std::string& name);
  [[nodiscard]] Outgoing& outgoing() noexcept { return outgoing_; }
  /// The producer has failed, and no other one has written a record yet.
  [[nodiscard]] const std::optional<std::string>& failure() const noexcept { return failure_; }

 private:
  /// A handle, and what ends with it.
  struct Life {
    explicit Life(Handle made) : handle(std::move(made)), events(rd_kafka_queue_get_main(handle.get())) {}

    Handle handle;
    std::unordered_map<std::string, Topic> topics;
    Queue events;
    std::unique_ptr<QueueWatch> watch;
  };

  void watch(const std::shared_ptr<Life>& life);
  void drain(const std::shared_ptr<Life>& life);
  void on_error(const std::shared_ptr<Life>& life, rd_kafka_event_t* event);
  void take_reports(const Life& life, rd_kafka_event_t* event);
  void replace_soon(std::string_view why);
  void replace();

  Client& client_;
  Outgoing outgoing_;
  std::unique_ptr<ClientMetrics> metrics_;
  std::optional<std::string> failure_;
  Clock::TimerId replace_timer_ = 0;
  std::shared_ptr<Life> current_;
  std::vector<std::shared_ptr<Life>> failed_;  ///< until all of their records are reported
};

}  // namespace foodorder::kafka
