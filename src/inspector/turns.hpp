#pragma once

#include "foodorder/base/yield.hpp"

namespace foodorder::inspector {

/// Gives way once for each piece that `bytes` of work are. A value of a MiB is parsed and written in one go, and
/// another request that takes many passes of the loop would wait for as many of them.
inline Task<> yield_for(std::size_t bytes) {
  for (std::size_t turns = 1 + bytes / WorkPiece::max_bytes; turns > 0; --turns) co_await yield();
}

}  // namespace foodorder::inspector
