#pragma once

#include "foodorder/base/result.hpp"
#include "foodorder/bus/record.hpp"

#include <concepts>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a case found. Cases do not use the test framework's macros, so that the same case can be asserted to pass on
// a bus and to fail on the same bus with a bug planted.

namespace foodorder::conformance {

// Values as a reader of a failure wants to see them. Bytes that are no printable ASCII are shown as \xNN.
std::string show(std::string_view bytes);
std::string show(Errc code);
std::string show(const TopicPartition& tp);
std::string show(const Position& position);
std::string show(const Record& record);
inline std::string show(const std::string& bytes) { return show(std::string_view(bytes)); }
inline std::string show(const char* bytes) { return show(std::string_view(bytes)); }
inline std::string show(bool value) { return value ? "true" : "false"; }
template <std::integral T>
std::string show(T value) {
  return std::to_string(value);
}
template <class T>
std::string show(const std::optional<T>& value) {
  return value ? show(*value) : "nothing";
}
template <class T>
std::string show(const std::vector<T>& values) {
  std::string text = "[";
  for (std::size_t i = 0; i < values.size(); ++i) text += (i ? ", " : "") + show(values[i]);
  return text + "]";
}

/// Ends a case that cannot go on; the reason is in its report already.
struct CaseEnded : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The failed expectations of one case. Clean means that the case passed.
class Report {
 public:
  using Place = std::source_location;

  [[nodiscard]] bool clean() const noexcept { return failures_.empty(); }
  [[nodiscard]] const std::vector<std::string>& failures() const noexcept { return failures_; }

  /// Records a failure; `what` is the sentence that should have been true.
  void fail(std::string_view what, Place place = Place::current());

  bool expect(bool held, std::string_view what, Place place = Place::current()) {
    if (!held) fail(what, place);
    return held;
  }

  template <class Got, class Want>
  bool equal(const Got& got, const Want& want, std::string_view what, Place place = Place::current()) {
    const bool same = got == want;
    if (!same) fail(std::string(what) + ": got " + show(got) + ", wanted " + show(want), place);
    return same;
  }

  /// The result is an error with this code.
  template <class T>
  bool refused(const Result<T>& result, Errc code, std::string_view what, Place place = Place::current()) {
    if (!result) return equal(result.error().code, code, what, place);
    fail(std::string(what) + ": succeeded, wanted " + show(code), place);
    return false;
  }

  /// The result is a success.
  template <class T>
  bool succeeded(const Result<T>& result, std::string_view what, Place place = Place::current()) {
    if (!result) fail(failed_text(what, result.error()), place);
    return result.has_value();
  }

  /// The value without which the case cannot go on.
  template <class T>
  T need(Result<T> result, std::string_view what, Place place = Place::current()) {
    if (!result) give_up(failed_text(what, result.error()), place);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }

  void need(bool held, std::string_view what, Place place = Place::current()) {
    if (!held) give_up(what, place);
  }

 private:
  [[noreturn]] void give_up(std::string_view what, Place place);
  static std::string failed_text(std::string_view what, const Error& error);

  std::vector<std::string> failures_;
};

}  // namespace foodorder::conformance
