#pragma once

#include "foodorder/base/text_buffer.hpp"

#include <string>

namespace foodorder {

/// append() to a new string, in one allocation.
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::string out;
  append(out, parts...);
  return out;
}

}  // namespace foodorder
