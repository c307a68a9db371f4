#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"
#include "message_query.hpp"

#include <memory>

namespace foodorder::inspector {

/// How many streams of messages read the bus.
struct StreamSlots {
  static constexpr std::size_t most = 16;
  std::size_t open = 0;
};

class StreamSlot {
 public:
  explicit StreamSlot(std::shared_ptr<StreamSlots> slots) : slots_(std::move(slots)) { ++slots_->open; }
  ~StreamSlot() { --slots_->open; }
  StreamSlot(const StreamSlot&) = delete;
  StreamSlot& operator=(const StreamSlot&) = delete;

 private:
  std::shared_ptr<StreamSlots> slots_;
};

/// The body of a stream, a live tail or an export: reads as fast as its client does, a part at a time, and holds a few
/// MiB, however long the log is. `topic` is described as it is now. `admin` and `clock` outlive it.
std::unique_ptr<http::BodyStream> make_message_stream(std::shared_ptr<StreamSlots> slots, Admin& admin, Clock& clock,
                                                      TopicDescription topic, MessageQuery query);

}  // namespace foodorder::inspector
