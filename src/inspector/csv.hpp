#pragma once

#include "foodorder/bus/record.hpp"

#include <string>

// Messages as CSV (RFC 4180). A missing key or value is an empty cell, an empty one a quoted cell. Bytes that are no
// text stand as base64 behind "base64:". A cell that a spreadsheet would take for a formula, because it begins with
// = + - @ (or a tab or a carriage return), has an apostrophe before it, which makes it text there.

namespace foodorder::inspector {

std::string csv_head();
std::string to_csv(const ConsumerRecord& record);

}  // namespace foodorder::inspector
