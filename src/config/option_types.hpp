#pragma once

#include "options.hpp"

#include <fmt/format.h>
#include <charconv>

namespace foodorder::config {

// The kinds of options; each gives one that has its check but no flag, variable or help yet.

/// Why a value is not taken, to follow the option's name; nothing if it is.
using Problem = std::optional<std::string>;

/// "must be an integer from 1 to 9, not "x"".
Problem must_be(const std::string& allowed, const std::vector<std::string>& values);

/// Without `set` and `show`.
Option bare_option(Type type, std::string section, std::string key, std::string allowed, std::string placeholder);

/// Any text but none.
Option text_option(std::string section, std::string key, std::string Config::* field);

/// A text of at most `size_max` bytes that all satisfy `fits`. A text that does not is not shown: it may be a secret.
Option word_option(std::string section, std::string key, std::string Config::* field, std::string allowed,
                   std::size_t size_max, bool (*fits)(char));

Option choice_option(std::string section, std::string key, std::string Config::* field,
                     std::vector<std::string> choices);

/// `allowed` is said of one item; all of them satisfy `fits`.
Option list_option(std::string section, std::string key, std::vector<std::string> Config::* field, std::string allowed,
                   bool (*fits)(const std::string&));

Option boolean_option(std::string section, std::string key, bool Config::* field);

/// A duration in whole milliseconds; its key ends in Ms. `reach` gives the place in a Config.
Option millis_option(std::string section, std::string key, Duration& (*reach)(Config&), std::int64_t min,
                     std::int64_t max);

/// The whole text as a number within the limits.
template <class Number>
bool read(const std::string& text, Number& number, Number min, Number max) {
  Number read_number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), read_number);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return false;
  if (read_number < min || read_number > max) return false;
  number = read_number;
  return true;
}

template <class Number>
Option integer_option(std::string section, std::string key, Number& (*reach)(Config&), Number min, Number max) {
  const std::string allowed = fmt::format("an integer from {} to {}", min, max);
  Option option = bare_option(Type::integer, std::move(section), std::move(key), allowed, "N");
  option.set = [reach, min, max, allowed](Config& config, const std::vector<std::string>& values) -> Problem {
    if (values.size() != 1 || !read<Number>(values[0], reach(config), min, max)) return must_be(allowed, values);
    return {};
  };
  option.show = [reach](const Config& config) {
    Config copy = config;
    return fmt::format("{}", reach(copy));
  };
  return option;
}

Option named(Option option, std::string flag, std::string variable, std::string help);

/// `["a", "b"]`
std::string toml_list(const std::vector<std::string>& texts);

}  // namespace foodorder::config
