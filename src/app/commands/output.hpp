#pragma once

#include "base/terminal_text.hpp"
#include "foodorder/base/json.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// How commands print: tables for people, JSON lines for programs, colour where a terminal has it.

namespace foodorder::app {

enum class Colour { none, dim, bold, red, green, yellow, cyan };

/// Columns of the terminal behind a descriptor; 0 where there is none.
std::size_t columns_of(int descriptor);

/// Where a command prints, and how.
class Output {
 public:
  /// `form`: "table", "json" or nothing: by whether standard output is a terminal. `plain`: no colours there either.
  Output(const std::optional<std::string>& form, bool plain);
  Output(bool json, bool colours, std::size_t width) : json_(json), colours_(colours), width_(width) {}

  [[nodiscard]] bool json() const noexcept { return json_; }
  /// Columns of the terminal; 0: not a terminal, nothing is cut.
  [[nodiscard]] std::size_t width() const noexcept { return width_; }
  [[nodiscard]] std::string coloured(std::string_view text, Colour colour) const;

  /// Writes to standard output. Throws std::system_error where it cannot: nobody may be reading any more.
  void write(std::string_view text) const;
  void line(const json::object& object) const;
  /// What was written reaches who reads: for what comes bit by bit. Throws as write().
  static void flush();

 private:
  bool json_;
  bool colours_;
  std::size_t width_;
};

/// Rows under headings, each column as wide as it needs; the last one is cut where the terminal ends.
class Table {
 public:
  struct Cell {
    Cell(std::string_view bytes, Colour with = Colour::none) : text(printable(bytes)), colour(with) {}
    Cell(const std::string& bytes, Colour with = Colour::none) : Cell(std::string_view(bytes), with) {}
    Cell(const char* bytes, Colour with = Colour::none) : Cell(std::string_view(bytes), with) {}
    Cell(std::int64_t number, Colour with = Colour::none)
        : text(fmt::format("{}", number)), colour(with), right(true) {}

    std::string text;
    Colour colour;
    bool right = false;  ///< numbers stand under one another
  };

  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  [[nodiscard]] std::string text(const Output& output) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<Cell>> rows_;
};

/// Of work that takes long: one line of standard error, if that is a terminal, drawn again and again.
class Progress {
 public:
  /// `quiet`: nothing is drawn.
  explicit Progress(bool quiet = false);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::string_view text);
  /// With a bar, and how much of it is done.
  void show(std::string_view text, std::int64_t done, std::int64_t total);
  void clear();
  /// A line that stays, on a terminal only.
  void note(std::string_view text);

 private:
  bool draws_;
  bool drawn_ = false;
};

/// "1.2 MB"
std::string size_text(std::int64_t bytes);
/// "3 records", "1 record"
std::string counted(std::int64_t count, std::string_view what);

}  // namespace foodorder::app
