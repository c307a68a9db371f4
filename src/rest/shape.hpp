#pragma once

#include "foodorder/base/json.hpp"

namespace foodorder::rest {

/// Whether `value`, which another process has said, can be read as `example`: it has all of its members, of the same
/// kinds, at every depth, and each element of an array is as the example's first one. A null in the example stands for
/// a number or null. What there is beyond that is ignored.
[[nodiscard]] bool has_shape_of(const json::value& value, const json::value& example);

}  // namespace foodorder::rest
