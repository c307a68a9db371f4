#pragma once

#include "client.hpp"

#include <mutex>

namespace foodorder::kafka {

/// Asks the coordinators of groups. It does so by a consumer: librdkafka's producers have no group of their own, and
/// end the process by a null pointer when a broker answers that it is not the coordinator (its issue 5040).
class Coordinators {
 public:
  explicit Coordinators(std::shared_ptr<Client> client) : client_(std::move(client)) {}
  ~Coordinators();
  Coordinators(const Coordinators&) = delete;
  Coordinators& operator=(const Coordinators&) = delete;

  /// Puts the question, a few times: coordinators move, and load their groups first. After a failure by a new instance
  /// each time, since librdkafka asks where a coordinator is only once. Blocks; from any thread.
  template <class T>
  Result<T> ask(const std::function<Result<T>(rd_kafka_t*)>& question) {
    for (int left = 4;; --left) {
      const Handle asked = instance();
      Result<T> answer = question(asked.get());
      if (answer || answer.error().code != Errc::unavailable) return answer;
      forget(asked);
      if (left == 0 || client_->broker_watch().known_down() || client_->stopped()) return answer;
      pause();
    }
  }

 private:
  static void pause();
  Handle instance();
  void forget(const Handle& asked);

  const std::shared_ptr<Client> client_;
  std::mutex mutex_;
  Handle handle_;  ///< made for the first question
};

}  // namespace foodorder::kafka
