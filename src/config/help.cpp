#include "options.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::config {

namespace {

constexpr std::size_t width = 100;
constexpr std::size_t column = 30;

constexpr const char* examples =
    "Examples:\n"
    "  foodorder                                  everything in one process, nothing to install\n"
    "  foodorder --fail-rate=1                    every notification fails: RETRY, RETRY, DLQ\n"
    "  foodorder --modules=order,notification:3   three notification instances, nobody else\n"
    "  foodorder --log-level=info                 what each service does, a line for each outcome\n"
    "  foodorder --print-config > my.toml         a configuration file to begin with\n";

/// `head`, then the words in a column of their own.
std::string entry(const std::string& head, const std::vector<std::string>& words) {
  std::string out = "  " + head;
  std::size_t at = out.size();
  for (const std::string& word : words) {
    const bool too_far = (at + 1 > column && &word == words.data()) || at + 1 + word.size() > width;
    if (too_far) {
      out += '\n';
      at = 0;
    }
    const std::string space(at < column ? column - at : 1, ' ');
    out += space + word;
    at += space.size() + word.size();
  }
  return out + '\n';
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::string unquoted(std::string value) {
  return value.starts_with('"') ? value.substr(1, value.size() - 2) : std::move(value);
}

std::vector<std::string> describe(const Option& option) {
  std::vector<std::string> words = words_of(option.help);
  std::vector<std::string> notes;
  const std::string& value = option.default_value;
  if (value != "\"\"" && value != "[]" && option.type != Type::boolean) notes.push_back(unquoted(value));
  if (!option.variable.empty()) notes.push_back(option.variable);
  if (!notes.empty()) words.push_back(fmt::format("[{}]", fmt::join(notes, ", ")));
  return words;
}

std::string head(const Option& option) {
  if (option.type == Type::boolean) return option.flag;
  const bool is_short = option.flag.size() == 2;
  return fmt::format("{}{}{}", option.flag, is_short ? " " : "=", option.placeholder);
}

}  // namespace

std::string help(const std::vector<Option>& options) {
  std::string text =
      "foodorder: a food-ordering system to see, break and measure event-driven architecture\n\n"
      "Usage: foodorder [serve] [options]\n"
      "       foodorder verify [--url=http://127.0.0.1:PORT]   check the log of a running program\n"
      "       foodorder health [--url=http://127.0.0.1:PORT]   ask a running program whether it is ready\n"
      "       foodorder status --bus=kafka [--json]            each living order, by order-status alone\n"
      "       foodorder status --url=http://127.0.0.1:3001     the same of a running program\n\n"
      "Options, under their table in the configuration file; in brackets the default and the\n"
      "environment variable. A flag comes before the environment, that before the file.\n";
  std::string section;
  for (const Option& option : options) {
    if (option.flag.empty()) continue;
    if (option.section != section) text += fmt::format("\n[{}]\n", option.section);
    section = option.section;
    text += entry(head(option), describe(option));
  }
  text += '\n';
  text += entry("--config=FILE", words_of("the configuration file: all of these and each setting of each module "
                                          "[config/foodorder.toml if present, FOODORDER_CONFIG]"));
  text += entry("--print-config", words_of("print each value and where it comes from, secrets hidden, and exit"));
  text += entry("-h, --help", words_of("print this text and exit"));
  text += entry("--version", words_of("print the version and exit"));
  return text + '\n' + examples;
}

}  // namespace foodorder::config
