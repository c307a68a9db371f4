#include "shape.hpp"

#include <algorithm>

namespace foodorder::rest {

bool has_shape_of(const json::value& value, const json::value& example) {
  if (example.is_null()) return value.is_null() || value.is_number();
  if (example.is_number()) return value.is_number();
  if (value.kind() != example.kind()) return false;
  if (const json::object* members = example.if_object())
    return std::ranges::all_of(*members, [&](const json::key_value_pair& member) {
      const json::value* found = value.get_object().if_contains(member.key());
      return found && has_shape_of(*found, member.value());
    });
  if (const json::array* elements = example.if_array(); elements && !elements->empty())
    return std::ranges::all_of(value.get_array(),
                               [&](const json::value& each) { return has_shape_of(each, elements->front()); });
  return true;
}

}  // namespace foodorder::rest
