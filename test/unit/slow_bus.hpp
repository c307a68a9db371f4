#pragma once

#include "foodorder/bus/event_bus.hpp"

#include <memory>

namespace foodorder::test {

/// How much later than on `bus` something is done.
struct Delays {
  Duration acknowledgement{};  ///< of a single send
  Duration leaving{};          ///< a closed consumer tells its next() at once, and leaves after this time
};

/// `bus`, with the delays that one in another process has.
std::unique_ptr<EventBus> make_slow_bus(std::unique_ptr<EventBus> bus, Clock& clock, Delays delays);

}  // namespace foodorder::test
