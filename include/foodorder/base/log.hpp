#pragma once

#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace foodorder::log {

enum class Level { debug, info, warn, error };

/// Sends lines to standard error as `time level message`. Quiet by default: warnings and errors only.
void set_level(Level level);
/// "debug", "info", "warn"; anything else is error.
Level level_from(std::string_view name) noexcept;
[[nodiscard]] bool enabled(Level level) noexcept;
void write(Level level, std::string_view message);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::debug)) write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::warn)) write(Level::warn, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::error)) write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace foodorder::log
