#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"

#include <memory>
#include <vector>

namespace foodorder::inspector {

/// Writes the records of one request, and knows of each what became of it.
class Sender {
 public:
  Sender(EventBus& bus, Clock& clock);

  /// As Producer::send_all(), batch after batch. Records that are not acknowledged within 3 s are outcome_unknown, and
  /// what would have followed them is not sent: unavailable.
  Task<std::vector<Result<Position>>> send(std::vector<ProducerRecord> records);

 private:
  struct Batch;

  Task<std::vector<Result<Position>>> send_batch(std::vector<ProducerRecord> records);
  static Task<> run(std::shared_ptr<Batch> batch);

  Clock& clock_;
  std::shared_ptr<Producer> producer_;
  bool out_of_time_ = false;
};

}  // namespace foodorder::inspector
