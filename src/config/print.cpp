#include "options.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace foodorder::config {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row[b.size()];
}

}  // namespace

std::string suggestion(std::string_view given, const std::vector<std::string>& names) {
  const std::string* nearest = nullptr;
  std::size_t distance =
      std::min<std::size_t>(3, std::max<std::size_t>(given.size(), 1) - 1);  // more letters off is another word
  for (const std::string& name : names) {
    const std::size_t other = edit_distance(lower(given), lower(name));
    if (other < distance) {
      distance = other;
      nearest = &name;
    }
  }
  return nearest ? fmt::format(" (did you mean {}?)", *nearest) : "";
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}

std::string print(const std::vector<Option>& options, const Config& config) {
  constexpr std::size_t origin_column = 40;
  std::string text;
  std::string section;
  for (const Option& option : options) {
    if (option.section != section) {
      text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", option.section);
      section = option.section;
    }
    const std::string value = option.show(config);
    const bool unset = value == "\"\"";
    const std::string shown = option.show_hidden && !unset ? option.show_hidden(config) : value;
    // What is not set, or not shown, would be a wrong value in a file.
    const std::string line =
        fmt::format("{}{} ={}", unset || shown != value ? "# " : "", option.key, unset ? "" : " " + shown);
    text += fmt::format("{:<{}}  # {}\n", line, origin_column, option.origin);
  }
  return text;
}

}  // namespace foodorder::config
