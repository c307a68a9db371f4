#pragma once

#include <fmt/format.h>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace foodorder::log {

enum class Level { debug, info, warn, error };

/// How lines look: `time level message name=value ...`, or one JSON object a line with time, level, message and the
/// fields.
enum class Form { text, json };

/// One named value of a line. It refers to the text it is given: make it in the call that logs it. Names are not
/// `time`, `level` or `message`.
class Field {
 public:
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  Field(std::string_view name, std::string_view text) : name_(name), value_(text) {}
  Field(std::string_view name, const char* text) : name_(name), value_(std::string_view(text)) {}
  Field(std::string_view name, const std::string& text) : name_(name), value_(std::string_view(text)) {}
  Field(std::string_view name, bool yes) : name_(name), value_(yes) {}
  Field(std::string_view name, double number) : name_(name), value_(number) {}
  template <std::integral Integer>
  Field(std::string_view name, Integer number) : name_(name) {
    if constexpr (std::is_signed_v<Integer>)
      value_ = static_cast<std::int64_t>(number);
    else
      value_ = static_cast<std::uint64_t>(number);
  }

  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] const Value& value() const noexcept { return value_; }

 private:
  std::string_view name_;
  Value value_;
};

/// Lines below this level are dropped. Quiet by default: warnings and errors only.
void set_level(Level level) noexcept;
/// "debug", "info", "warn"; anything else is error.
Level level_from(std::string_view name) noexcept;
[[nodiscard]] bool enabled(Level level) noexcept;

/// One line to standard error. Text of users cannot begin a line of its own or reach a terminal as an escape: control
/// characters are shown as `\u001b`. A text over 8 KiB is cut.
void write(Level level, std::string_view message, std::span<const Field> fields = {});

/// `log::info("order notified", {{"instance", id}, {"retryCount", 2}})`
inline void debug(std::string_view message, std::initializer_list<Field> fields) {
  if (enabled(Level::debug)) write(Level::debug, message, {fields.begin(), fields.size()});
}
inline void info(std::string_view message, std::initializer_list<Field> fields) {
  if (enabled(Level::info)) write(Level::info, message, {fields.begin(), fields.size()});
}
inline void warn(std::string_view message, std::initializer_list<Field> fields) {
  if (enabled(Level::warn)) write(Level::warn, message, {fields.begin(), fields.size()});
}
inline void error(std::string_view message, std::initializer_list<Field> fields) {
  if (enabled(Level::error)) write(Level::error, message, {fields.begin(), fields.size()});
}

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

/// A line for the user without time and level: to standard output, and to standard error.
void print(std::string_view line);
void print_error(std::string_view line);

/// Lines that nobody got: the queue was full, or the write failed.
[[nodiscard]] std::uint64_t lines_dropped() noexcept;

/// While it lives, threads of its own write the lines above. The caller never waits: where a reader stops or goes away,
/// the queue drops its oldest lines, counts them, and says so once lines can be written again.
///
/// Make one, at the start, while there is one thread. SIGPIPE must be ignored.
class Background {
 public:
  /// JSON lines, unless standard error is a terminal.
  Background();
  /// To other descriptors than 1 and 2.
  Background(int output, int error, Form form);
  /// Waits at most half a second for what is queued. A writer that is stuck by then is left behind.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

 private:
  struct Writer;

  std::unique_ptr<Writer> output_;
  std::unique_ptr<Writer> error_;
};

}  // namespace foodorder::log
