#pragma once

#include "foodorder/base/clock.hpp"

#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>

namespace foodorder::simulation {

/// The story of a world, a line an event: virtual time since its beginning, who, what. Costs nothing unless wanted.
class Trace {
 public:
  Trace(const Clock& clock, bool wanted) : clock_(clock), start_(clock.now()), wanted_(wanted) {}

  template <class... Args>
  void operator()(std::string_view who, fmt::format_string<Args...> what, Args&&... args) {
    if (!wanted_) return;
    const double passed = static_cast<double>((clock_.now() - start_).count()) / 1e6;
    fmt::format_to(std::back_inserter(text_), "{:12.6f}  {:<16}  ", passed, who);
    fmt::format_to(std::back_inserter(text_), what, std::forward<Args>(args)...);
    text_ += '\n';
  }

  [[nodiscard]] bool wanted() const noexcept { return wanted_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  const Clock& clock_;
  Timestamp start_;
  bool wanted_;
  std::string text_;
};

}  // namespace foodorder::simulation
