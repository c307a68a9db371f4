#pragma once

#include "handles.hpp"

#include <memory>
#include <vector>

namespace foodorder::kafka {

/// The records that this process has written, or read from the tail, last. All readers of the tail share one object and
/// its parsed body (runtime/event_body.hpp). Bounded: 16,384 records of at most 2 KiB; of a larger one, and of what it
/// reads from its backlog, each reader gets a copy of its own.
class RecentRecords {
 public:
  /// The record of a message without an error, which came from there.
  std::shared_ptr<const Record> get(const Position& from, const rd_kafka_message_t& message);
  /// A record that was acknowledged as written there.
  void put(const Position& at, const std::shared_ptr<const Record>& record);

 private:
  struct Slot {
    Position position;
    std::shared_ptr<const Record> record;
  };

  [[nodiscard]] Slot& slot_of(const Position& position);

  std::vector<Slot> slots_ = std::vector<Slot>(16'384);
};

}  // namespace foodorder::kafka
