#pragma once

#include "foodorder/base/task.hpp"
#include "handles.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace foodorder::kafka {

/// Where librdkafka's threads meet the loop: an eventfd that they write when a watched queue is no longer empty.
/// The callback runs on the loop and has to take all that is in the queues, or to look again later by itself:
/// nothing tells of what was left.
class QueueWatch {
 public:
  QueueWatch(const Executor& executor, std::function<void()> on_ready);
  /// The callback is not called any more.
  ~QueueWatch();
  QueueWatch(const QueueWatch&) = delete;
  QueueWatch& operator=(const QueueWatch&) = delete;

  /// Destroy the watch before the queue. The callback also runs for what is in the queue already.
  void watch(rd_kafka_queue_t* queue);

 private:
  struct State;
  static void wait(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
  std::vector<rd_kafka_queue_t*> queues_;
};

}  // namespace foodorder::kafka
