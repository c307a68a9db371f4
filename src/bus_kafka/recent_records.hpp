#pragma once

#include "handles.hpp"

#include <memory>
#include <vector>

namespace foodorder::kafka {

/// The records that consumers have taken last. Most are read by several consumers of a process within a fraction of a
/// second: they get the same object, so that it is made once, and what is parsed of it is shared, too
/// (runtime/event_body.hpp). Bounded: 16,384 records of 2 KiB at most; larger ones are made for each.
class RecentRecords {
 public:
  /// The record of a message without an error, which came from there.
  std::shared_ptr<const Record> get(const Position& from, const rd_kafka_message_t& message);

 private:
  struct Slot {
    Position position;
    std::shared_ptr<const Record> record;
  };

  std::vector<Slot> slots_ = std::vector<Slot>(16'384);
};

}  // namespace foodorder::kafka
