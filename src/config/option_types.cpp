#include "option_types.hpp"

#include <algorithm>

namespace foodorder::config {

Problem must_be(const std::string& allowed, const std::vector<std::string>& values) {
  return fmt::format("must be {}, not {}", allowed, toml_string(fmt::format("{}", fmt::join(values, ","))));
}

Option bare_option(Type type, std::string section, std::string key, std::string allowed, std::string placeholder) {
  Option option;
  option.section = std::move(section);
  option.key = std::move(key);
  option.type = type;
  option.allowed = std::move(allowed);
  option.placeholder = std::move(placeholder);
  return option;
}

Option text_option(std::string section, std::string key, std::string Config::* field) {
  const std::string allowed = "a text that is not empty";
  Option option = bare_option(Type::text, std::move(section), std::move(key), allowed, "TEXT");
  option.set = [field, allowed](Config& config, const std::vector<std::string>& values) -> Problem {
    if (values.size() != 1 || values[0].empty()) return must_be(allowed, values);
    config.*field = values[0];
    return {};
  };
  option.show = [field](const Config& config) { return toml_string(config.*field); };
  return option;
}

Option word_option(std::string section, std::string key, std::string Config::* field, std::string allowed,
                   std::size_t size_max, bool (*fits)(char)) {
  Option option = text_option(std::move(section), std::move(key), field);
  option.allowed = allowed;
  option.set = [=](Config& config, const std::vector<std::string>& values) -> Problem {
    const bool good = values.size() == 1 && !values[0].empty() && values[0].size() <= size_max &&
                      std::all_of(values[0].begin(), values[0].end(), fits);
    if (!good) return fmt::format("must be {}", allowed);
    config.*field = values[0];
    return {};
  };
  return option;
}

Option choice_option(std::string section, std::string key, std::string Config::* field,
                     std::vector<std::string> choices) {
  Option option = text_option(std::move(section), std::move(key), field);
  option.allowed = fmt::format("one of {}", fmt::join(choices, ", "));
  option.placeholder = fmt::format("{}", fmt::join(choices, "|"));
  option.set = [field, choices, allowed = option.allowed](Config& config,
                                                          const std::vector<std::string>& values) -> Problem {
    const std::string word = values.size() == 1 ? lower(values[0]) : std::string();
    if (std::find(choices.begin(), choices.end(), word) == choices.end()) return must_be(allowed, values);
    config.*field = word;
    return {};
  };
  return option;
}

Option list_option(std::string section, std::string key, std::vector<std::string> Config::* field, std::string allowed,
                   bool (*fits)(const std::string&)) {
  Option option = bare_option(Type::list, std::move(section), std::move(key), allowed, "TEXT");
  option.set = [=](Config& config, const std::vector<std::string>& values) -> Problem {
    for (const std::string& value : values)
      if (!fits(value)) return must_be(allowed, {value});
    config.*field = values;
    return {};
  };
  option.show = [field](const Config& config) { return toml_list(config.*field); };
  return option;
}

Option boolean_option(std::string section, std::string key, bool Config::* field) {
  const std::string allowed = "true or false";
  Option option = bare_option(Type::boolean, std::move(section), std::move(key), allowed, "");
  option.set = [=](Config& config, const std::vector<std::string>& values) -> Problem {
    const std::string word = values.size() == 1 ? lower(values[0]) : std::string();
    const bool yes = word == "true" || word == "1";
    const bool no = word == "false" || word == "0";
    if (!yes && !no) return must_be(allowed, values);
    config.*field = yes;
    return {};
  };
  option.show = [field](const Config& config) { return std::string(config.*field ? "true" : "false"); };
  return option;
}

Option millis_option(std::string section, std::string key, Duration& (*reach)(Config&), std::int64_t min,
                     std::int64_t max) {
  const std::string allowed = fmt::format("an integer from {} to {}", min, max);
  Option option = bare_option(Type::integer, std::move(section), std::move(key), allowed, "N");
  option.set = [=](Config& config, const std::vector<std::string>& values) -> Problem {
    std::int64_t millis = 0;
    if (values.size() != 1 || !read<std::int64_t>(values[0], millis, min, max)) return must_be(allowed, values);
    reach(config) = std::chrono::milliseconds(millis);
    return {};
  };
  option.show = [reach](const Config& config) {
    Config copy = config;
    return fmt::format("{}", std::chrono::duration_cast<std::chrono::milliseconds>(reach(copy)).count());
  };
  return option;
}

Option named(Option option, std::string flag, std::string variable, std::string help) {
  option.flag = std::move(flag);
  option.variable = std::move(variable);
  option.help = std::move(help);
  return option;
}

std::vector<std::string> split(std::string_view text) {
  constexpr const char* blanks = " \t";
  std::vector<std::string> items;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string_view item = text.substr(begin, end - begin);
    item.remove_prefix(std::min(item.find_first_not_of(blanks), item.size()));
    items.emplace_back(item.substr(0, item.find_last_not_of(blanks) + 1));
    begin = end + 1;
  }
  return items;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string toml_list(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const std::string& text : texts) items.push_back(toml_string(text));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

}  // namespace foodorder::config
