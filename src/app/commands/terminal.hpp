#pragma once

#include "watch_screen.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace foodorder::app {

/// A screen of its own on the terminal, by ncurses. What was there before is back when this ends.
class Terminal {
 public:
  enum class Key { none, resized, up, down, other };
  struct Pressed {
    Key key = Key::none;
    char letter = 0;  ///< of Key::other
  };

  /// Null where standard input and output are no terminal, or one that ncurses does not know.
  static std::unique_ptr<Terminal> open(bool colours);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] std::size_t columns() const;
  [[nodiscard]] std::size_t rows() const;
  void draw(const std::vector<ScreenLine>& lines);
  /// The next key, or none after `time`.
  Pressed wait(std::chrono::milliseconds time);

 private:
  struct Handle;

  explicit Terminal(std::unique_ptr<Handle> handle);

  std::unique_ptr<Handle> handle_;
};

}  // namespace foodorder::app
