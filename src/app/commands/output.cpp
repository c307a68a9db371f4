#include "output.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace foodorder::app {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t bar_columns = 24;
constexpr std::size_t columns_usual = 80;  // of a terminal that does not say

std::string_view code_of(Colour colour) {
  constexpr std::array<std::string_view, 7> codes = {"", "2", "1", "31", "32", "33", "36"};
  return codes[static_cast<std::size_t>(colour)];
}

}  // namespace

std::size_t columns_of(int descriptor) {
  winsize size{};
  if (::isatty(descriptor) == 0 || ::ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col > 0 ? size.ws_col : columns_usual;
}

Output::Output(const std::optional<std::string>& form, bool plain)
    : json_(form ? *form == "json" : ::isatty(STDOUT_FILENO) == 0),
      colours_(!plain && ::isatty(STDOUT_FILENO) != 0),
      width_(columns_of(STDOUT_FILENO)) {}

std::string Output::coloured(std::string_view text, Colour colour) const {
  if (!colours_ || colour == Colour::none) return std::string(text);
  return fmt::format("\033[{}m{}\033[0m", code_of(colour), text);
}

void Output::write(std::string_view text) const {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
    throw std::system_error(errno, std::generic_category(), "standard output");
}

void Output::line(const json::object& object) const { write(serialize_json(object) + '\n'); }

void Output::flush() {
  if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category(), "standard output");
}

std::string Table::text(const Output& output) const {
  std::vector<std::size_t> widths;
  for (const std::string& heading : headings_) widths.push_back(width_of(heading));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i].text));
  std::string out;
  const auto add = [&](const std::vector<Cell>& row) {
    std::size_t used = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      const std::size_t room = output.width() > used + 1 ? output.width() - used : 1;
      const std::string text = last && output.width() > 0 ? fitted(row[i].text, room) : row[i].text;
      const std::size_t width = width_of(text);
      const std::string space(widths[i] > width ? widths[i] - width : 0, ' ');
      const bool right = row[i].right;
      out += (right ? space : "") + output.coloured(text, row[i].colour) + (right || last ? "" : space);
      if (!last) out += std::string(gap, ' ');
      used += std::max(widths[i], width) + gap;
    }
    out += '\n';
  };
  std::vector<Cell> head;
  for (std::size_t i = 0; i < headings_.size(); ++i) {
    head.emplace_back(headings_[i], Colour::bold);
    head.back().right = !rows_.empty() && i < rows_.front().size() && rows_.front()[i].right;
  }
  add(head);
  for (const auto& row : rows_) add(row);
  return out;
}

Progress::Progress(bool quiet) : draws_(!quiet && ::isatty(STDERR_FILENO) != 0) {}

void Progress::show(std::string_view text) {
  if (!draws_) return;
  const std::size_t columns = columns_of(STDERR_FILENO);
  fmt::print(stderr, "\r\033[K{}", columns > 0 ? fitted(text, columns - 1) : std::string(text));
  drawn_ = true;
}

void Progress::show(std::string_view text, std::int64_t done, std::int64_t total) {
  if (!draws_) return;
  const double share = total <= 0 ? 1.0 : std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
  const auto full = static_cast<std::size_t>(share * static_cast<double>(bar_columns));
  show(fmt::format("[{}{}] {:3.0f} %  {}", std::string(full, '#'), std::string(bar_columns - full, '.'), share * 100,
                   text));
}

void Progress::clear() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
}

void Progress::note(std::string_view text) {
  clear();
  if (draws_) fmt::print(stderr, "{}\n", text);
}

std::string size_text(std::int64_t bytes) {
  constexpr std::array<std::string_view, 5> units = {"B", "kB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 999.5 && unit + 1 < units.size(); ++unit) size /= 1000;
  return fmt::format("{:.{}f} {}", size, unit == 0 || size >= 99.95 ? 0 : 1, units[unit]);
}

std::string counted(std::int64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace foodorder::app
