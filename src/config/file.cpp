#include "options.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>
#include <algorithm>

namespace foodorder::config {

namespace {

/// A TOML value as text, if it is of the option's type.
std::optional<std::vector<std::string>> values_of(const toml::node& node, Type type) {
  std::vector<std::string> values;
  if (const auto* array = node.as_array(); array && type == Type::list) {
    for (const toml::node& item : *array) {
      const auto text = item.value_exact<std::string>();
      if (!text) return {};
      values.push_back(*text);
    }
    return values;
  }
  if (const auto* text = node.as_string(); text && type == Type::text) values.push_back(text->get());
  if (const auto* flag = node.as_boolean(); flag && type == Type::boolean)
    values.emplace_back(flag->get() ? "true" : "false");
  if (const auto* whole = node.as_integer(); whole && (type == Type::integer || type == Type::number))
    values.push_back(fmt::format("{}", whole->get()));
  if (const auto* real = node.as_floating_point(); real && type == Type::number)
    values.push_back(fmt::format("{}", real->get()));
  if (values.empty()) return {};
  return values;
}

/// "a string", to say what a value is instead of what it should be.
std::string_view kind_of(const toml::node& node) {
  if (node.is_table()) return "a table";
  if (node.is_array()) return "an array";
  if (node.is_string()) return "a string";
  if (node.is_integer()) return "an integer";
  if (node.is_floating_point()) return "a float";
  return node.is_boolean() ? "a boolean" : "a date or time";
}

std::string place(const std::string& path, const toml::node& node) {
  return fmt::format("{}:{}", path, node.source().begin.line);
}

std::vector<std::string> names_in(const std::vector<Option>& options, const std::string& section) {
  std::vector<std::string> names;
  for (const Option& option : options)
    if (option.section == section) names.push_back(option.key);
  return names;
}

std::vector<std::string> sections_of(const std::vector<Option>& options) {
  std::vector<std::string> sections;
  for (const Option& option : options)
    if (sections.empty() || sections.back() != option.section) sections.push_back(option.section);
  return sections;
}

ConfigError outside_tables(const std::string& where, const std::string& key, const std::vector<Option>& options) {
  for (const Option& option : options)
    if (option.key == key) return ConfigError{fmt::format("{}: {} belongs below [{}]", where, key, option.section)};
  return ConfigError{fmt::format("{}: there is no key {} outside the tables, which are {}", where, key,
                                 fmt::join(sections_of(options), ", "))};
}

std::optional<ConfigError> apply_table(const std::string& path, const std::string& section, const toml::table& table,
                                       std::vector<Option>& options, Config& config) {
  for (const auto& [key_view, node] : table) {
    const std::string key(key_view.str());
    const auto found = std::find_if(options.begin(), options.end(), [&](const Option& option) {
      return option.section == section && option.key == key;
    });
    if (found == options.end()) {
      const auto names = names_in(options, section);
      return ConfigError{fmt::format("{}: there is no key {} in [{}]{}; it has {}", place(path, node), key, section,
                                     suggestion(key, names), fmt::join(names, ", "))};
    }
    const std::string where = fmt::format("{}: {} in [{}]", place(path, node), key, section);
    const auto values = values_of(node, found->type);
    const char* form = found->type == Type::list ? "a list of strings, each " : "";
    if (!values) return ConfigError{fmt::format("{} must be {}{}, not {}", where, form, found->allowed, kind_of(node))};
    if (auto wrong = apply(*found, config, *values, where, fmt::format("file {}", place(path, node)))) return wrong;
  }
  return {};
}

}  // namespace

std::optional<ConfigError> apply_file(const ConfigFile& source, std::vector<Option>& options, Config& config) {
  const std::string& path = source.path;
  toml::table file;
  try {
    file = toml::parse(source.text);
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    return ConfigError{fmt::format("{}:{}:{}: {}", path, at.line, at.column, error.description())};
  }
  const std::vector<std::string> sections = sections_of(options);
  for (const auto& [name_view, node] : file) {
    const std::string name(name_view.str());
    if (!node.is_table()) return outside_tables(place(path, node), name, options);
    if (std::find(sections.begin(), sections.end(), name) == sections.end())
      return ConfigError{fmt::format("{}: there is no table [{}]{}; there are {}", place(path, node), name,
                                     suggestion(name, sections), fmt::join(sections, ", "))};
    if (auto wrong = apply_table(path, name, *node.as_table(), options, config)) return wrong;
  }
  return {};
}

std::vector<std::string> list_in_file(const ConfigFile& source, std::string_view section, std::string_view key) {
  try {
    const toml::table file = toml::parse(source.text);
    const toml::node* list = file[section][key].node();
    return list ? values_of(*list, Type::list).value_or(std::vector<std::string>()) : std::vector<std::string>();
  } catch (const toml::parse_error&) {
    return {};
  }
}

}  // namespace foodorder::config
