#include "config.hpp"

#include "options.hpp"

#include <fmt/format.h>
#include <filesystem>

namespace foodorder {

namespace {

using config::CommandLine;
using config::Option;

constexpr const char* default_file = "config/foodorder.toml";

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> items;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    items.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

Config defaults_for(std::span<const ModuleKind> kinds) {
  Config config;
  for (const ModuleKind& kind : kinds) {
    config.settings.emplace(kind.name, Settings(kind.settings));
    config.modules.emplace_back(kind.name, kind.name == "notification" ? 2 : 1);
  }
  return config;
}

/// The file to read: one that was asked for must be there, the usual one may be.
std::optional<std::string> choose_file(const CommandLine& line, const Environment& environment) {
  if (line.file) return line.file;
  if (const char* variable = environment("FOODORDER_CONFIG")) return variable;
  if (std::filesystem::exists(default_file)) return default_file;
  return {};
}

std::optional<ConfigError> apply_environment(std::vector<Option>& options, const Environment& environment,
                                             Config& config) {
  for (Option& option : options) {
    const char* text = option.variable.empty() ? nullptr : environment(option.variable.c_str());
    if (!text) continue;
    const auto values = option.type == config::Type::list ? split(text) : std::vector<std::string>{text};
    if (auto wrong =
            config::apply(option, config, values, "environment " + option.variable, "environment " + option.variable))
      return wrong;
  }
  return {};
}

std::optional<ConfigError> apply_flags(std::vector<Option>& options, const CommandLine& line, Config& config) {
  for (Option& option : options) {
    const auto given = line.flags.find(option.flag);
    if (option.flag.empty() || given == line.flags.end()) continue;
    if (option.type != config::Type::list && given->second.size() > 1)
      return ConfigError{fmt::format("{} is given {} times", option.flag, given->second.size())};
    if (auto wrong = config::apply(option, config, given->second, option.flag, "flag " + option.flag)) return wrong;
  }
  return {};
}

/// A plugin that was asked for runs, also where --modules does not name it.
void add_plugins(Config& config, std::span<const ModuleKind> kinds) {
  for (const ModuleKind& kind : kinds) {
    const auto named = [&](const ModuleChoice& choice) { return choice.kind == kind.name; };
    if (!kind.plugin.empty() && std::none_of(config.modules.begin(), config.modules.end(), named))
      config.modules.emplace_back(kind.name, 1);
  }
}

/// What does not go together, and what this version cannot do yet.
std::optional<ConfigError> check(const Config& config) {
  if (config.bus == "kafka") return ConfigError{"--bus=kafka is not built yet: use --bus=memory"};
  if (config.processing_guarantee == "exactly_once")
    return ConfigError{"--processing-guarantee=exactly_once is not built yet: use at_least_once"};
  if (!config.librdkafka.empty()) return ConfigError{"-X is for --bus=kafka, which is not built yet"};
  const bool single = config.modules.size() == 1 && config.modules.front().count == 1;
  if (!config.instance_id.empty() && !single)
    return ConfigError{"--instance-id needs a single instance, such as --modules=fraud"};
  if (config.port == config.inspector_port && config.serves_http())
    return ConfigError{fmt::format("--port and --inspector-port are both {}: choose another for one", config.port)};
  return {};
}

}  // namespace

bool Config::serves_http() const {
  return port_given ||
         std::any_of(modules.begin(), modules.end(), [](const ModuleChoice& choice) { return choice.kind == "order"; });
}

std::vector<std::string> plugin_files(std::span<const std::string> arguments, const Environment& environment,
                                      std::span<const ModuleKind> builtin) {
  const CommandLine line = config::parse_command_line(arguments, config::all_options(builtin));
  if (line.error || line.text) return {};
  if (const auto given = line.flags.find("--plugin"); given != line.flags.end()) return given->second;
  const auto file = choose_file(line, environment);
  return file ? config::list_in_file(*file, "foodorder", "plugins") : std::vector<std::string>();
}

ParsedConfig parse_config(std::span<const std::string> arguments, const Environment& environment,
                          std::span<const ModuleKind> kinds) {
  std::vector<Option> options = config::all_options(kinds);
  Config config = defaults_for(kinds);
  const CommandLine line = config::parse_command_line(arguments, options);
  if (line.error) return ConfigError{*line.error};
  if (line.text) return PrintAndExit{*line.text};
  if (const auto file = choose_file(line, environment)) {
    if (!std::filesystem::exists(*file)) return ConfigError{fmt::format("there is no configuration file {}", *file)};
    if (auto wrong = config::apply_file(*file, options, config)) return *wrong;
  }
  if (auto wrong = apply_environment(options, environment, config)) return *wrong;
  if (auto wrong = apply_flags(options, line, config)) return *wrong;
  add_plugins(config, kinds);
  for (const Option& option : options)
    if (option.section == "http" && option.key == "port") config.port_given = option.origin != "default";
  if (auto wrong = check(config)) return *wrong;
  if (line.print_config) return PrintAndExit{config::print(options, config)};
  return config;
}

}  // namespace foodorder
