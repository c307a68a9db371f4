#include "app/builtin_modules.hpp"
#include "config/options.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <sstream>

using namespace foodorder;

namespace {

constexpr const char* path = FOODORDER_SOURCE_DIR "/config/foodorder.toml";

const char* no_variable(const char*) { return nullptr; }

std::string print_config(const std::vector<std::string>& flags) {
  const ParsedConfig parsed = parse_config(read_invocation(flags, no_variable, builtin_modules()), builtin_modules());
  if (const auto* error = std::get_if<ConfigError>(&parsed)) FAIL(error->line);
  REQUIRE(std::holds_alternative<PrintAndExit>(parsed));
  return std::get<PrintAndExit>(parsed).text;
}

/// Without the origins.
std::vector<std::string> values_in(const std::string& printed) {
  std::vector<std::string> values;
  std::istringstream lines(printed);
  for (std::string line; std::getline(lines, line);) {
    line.erase(std::min(line.find("  # "), line.size()));
    values.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
  }
  return values;
}

struct Line {
  std::string section;
  std::string comment;  ///< the lines above it, joined by spaces
  std::string text;
};

/// The keys of the file; one that has no default stands in a comment of its own: `#token = ...`.
std::vector<Line> keys_in_file() {
  std::vector<Line> keys;
  std::string section;
  std::string comment;
  std::ifstream lines(path);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ")) {
      comment += (comment.empty() ? "" : " ") + line.substr(2);
    } else if (line.starts_with("[")) {
      section = line.substr(1, line.find(']') - 1);
      comment.clear();
    } else if (line.empty() || line == "#") {
      comment.clear();
    } else {
      keys.push_back({section, std::exchange(comment, ""), line});
    }
  }
  return keys;
}

}  // namespace

TEST_CASE("The configuration file that comes with the program holds the defaults") {
  const std::vector<std::string> with_file =
      values_in(print_config({"--print-config", std::string("--config=") + path}));
  CHECK(with_file == values_in(print_config({"--print-config"})));
}

TEST_CASE("The configuration file names and explains every option and every setting of every module") {
  const std::vector<Line> keys = keys_in_file();
  const std::vector<config::Option> options = config::all_options(builtin_modules());
  for (const config::Option& option : options) {
    const std::string explained = fmt::format("{} ({})", option.help, option.allowed);
    INFO(fmt::format("config/foodorder.toml needs below [{}]:\n# {}\n{} = {}", option.section, explained, option.key,
                     option.default_value));
    const auto line = std::find_if(keys.begin(), keys.end(), [&](const Line& it) {
      const bool named = it.text.starts_with(option.key + " = ") || it.text.starts_with("#" + option.key + " = ");
      return named && it.section == option.section;
    });
    const bool found = line != keys.end();
    CHECK(found);
    if (found) CHECK(line->comment == explained);
  }
  CHECK(keys.size() == options.size());
}
