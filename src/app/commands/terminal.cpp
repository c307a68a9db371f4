#include "terminal.hpp"

#include <unistd.h>
#include <clocale>
#include <cstdio>

#define NCURSES_NOMACROS 1  // they are named as members of the standard library
#include <curses.h>

namespace foodorder::app {

struct Terminal::Handle {
  SCREEN* screen = nullptr;
  bool colours = false;
};

namespace {

constexpr int escape_wait_ms = 25;  // for the rest of an arrow's sequence

attr_t attributes_of(Style style, bool colours) {
  switch (style) {
    case Style::bold:
      return A_BOLD;
    case Style::dim:
      return A_DIM;
    case Style::red:
      return colours ? static_cast<attr_t>(COLOR_PAIR(COLOR_RED)) : A_BOLD;
    case Style::yellow:
      return colours ? static_cast<attr_t>(COLOR_PAIR(COLOR_YELLOW)) : A_NORMAL;
    case Style::green:
      return colours ? static_cast<attr_t>(COLOR_PAIR(COLOR_GREEN)) : A_NORMAL;
    case Style::cyan:
      return colours ? static_cast<attr_t>(COLOR_PAIR(COLOR_CYAN)) : A_NORMAL;
    case Style::plain:
      break;
  }
  return A_NORMAL;
}

}  // namespace

std::unique_ptr<Terminal> Terminal::open(bool colours) {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) return nullptr;
  // Names are UTF-8, also where nobody has set a locale, as in containers.
  if (!std::setlocale(LC_CTYPE, "C.UTF-8")) std::setlocale(LC_CTYPE, "");
  auto handle = std::make_unique<Handle>();
  handle->screen = ::newterm(nullptr, stdout, stdin);
  if (!handle->screen) return nullptr;
  ::set_term(handle->screen);
  ::cbreak();  // Ctrl-C stays a signal
  ::noecho();
  ::curs_set(0);
  ::keypad(stdscr, TRUE);
  ::set_escdelay(escape_wait_ms);
  handle->colours = colours && ::has_colors() && ::start_color() == OK && ::use_default_colors() == OK;
  if (handle->colours)
    for (const int colour : {COLOR_RED, COLOR_GREEN, COLOR_YELLOW, COLOR_CYAN})
      ::init_pair(static_cast<short>(colour), static_cast<short>(colour), -1);
  return std::unique_ptr<Terminal>(new Terminal(std::move(handle)));
}

Terminal::Terminal(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}

Terminal::~Terminal() {
  ::endwin();
  ::delscreen(handle_->screen);
}

std::size_t Terminal::columns() const { return static_cast<std::size_t>(getmaxx(stdscr)); }
std::size_t Terminal::rows() const { return static_cast<std::size_t>(getmaxy(stdscr)); }

void Terminal::draw(const std::vector<ScreenLine>& lines) {
  ::erase();
  for (std::size_t y = 0; y < lines.size(); ++y) {
    ::move(static_cast<int>(y), 0);
    for (const Span& span : lines[y]) {
      ::attr_set(A_NORMAL, 0, nullptr);
      ::attr_on(attributes_of(span.style, handle_->colours), nullptr);
      ::addnstr(span.text.data(), static_cast<int>(span.text.size()));
    }
  }
  ::refresh();
}

Terminal::Pressed Terminal::wait(std::chrono::milliseconds time) {
  ::timeout(static_cast<int>(time.count()));
  switch (const int key = ::getch()) {
    case ERR:
      return {};
    case KEY_RESIZE:
      return {Key::resized, 0};
    case KEY_UP:
      return {Key::up, 0};
    case KEY_DOWN:
      return {Key::down, 0};
    case KEY_LEFT:
      return {Key::up, 0};
    case KEY_RIGHT:
      return {Key::down, 0};
    default:
      return {Key::other, key > 0 && key < 0x80 ? static_cast<char>(key) : '\0'};
  }
}

}  // namespace foodorder::app
