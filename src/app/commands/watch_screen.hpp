#pragma once

#include "watch_state.hpp"

#include <string>
#include <string_view>
#include <vector>

// How `foodorder watch` shows what it knows: a screen of a terminal, or lines. Pure functions of the state.

namespace foodorder::app {

enum class Style { plain, bold, dim, red, yellow, green, cyan };

struct Span {
  std::string text;  ///< printable
  Style style = Style::plain;
};
using ScreenLine = std::vector<Span>;

/// What is shown, and how.
struct View {
  std::size_t columns = 80;
  std::size_t rows = 24;
  std::string where;  ///< "kafka localhost:29092"
  bool paused = false;
  bool helps = false;
  std::size_t picked = 0;  ///< of the members
  std::string message;     ///< what came of the last key; in the place of the keys
};

/// Exactly `rows` lines of at most `columns`.
std::vector<ScreenLine> screen(const WatchState& state, const View& view);

/// What has changed from `before` to `now`, a line each: for a pipe. All there is where there was nothing before.
std::vector<std::string> changes(const WatchState& before, const WatchState& now);

}  // namespace foodorder::app
