#pragma once

#include "foodorder/base/log.hpp"

namespace foodorder::log {

/// The line from its level on: the writer puts the time before it, and for JSON a brace.
std::string format_line(Form form, Level level, std::string_view message, std::span<const Field> fields);

/// The text without what could end the line or reach a terminal as an escape.
std::string safe_text(std::string_view text);

}  // namespace foodorder::log
