#include "config.hpp"

#include "options.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>

namespace foodorder {

namespace {

using config::CommandLine;
using config::Option;

constexpr const char* usual_file = "config/foodorder.toml";

struct File {
  std::string path;
  std::string asked_by;
};

std::optional<File> choose_file(const CommandLine& line, const Environment& environment) {
  if (line.file) return File{*line.file, "--config"};
  if (const char* variable = environment("FOODORDER_CONFIG")) return File{variable, "environment FOODORDER_CONFIG"};
  if (std::filesystem::exists(usual_file)) return File{usual_file, "the usual configuration file"};
  return {};
}

std::optional<ConfigError> apply_chosen_file(const File& file, std::vector<Option>& options, Config& config) {
  std::error_code unreachable;
  const auto status = std::filesystem::status(file.path, unreachable);
  const std::string name = config::toml_string(file.path);
  if (!std::filesystem::exists(status)) return ConfigError{fmt::format("{}: there is no file {}", file.asked_by, name)};
  if (std::filesystem::is_directory(status))
    return ConfigError{fmt::format("{}: {} is a folder, not a file", file.asked_by, name)};
  return config::apply_file(file.path, options, config);
}

std::optional<ConfigError> apply_environment(std::vector<Option>& options, const Environment& environment,
                                             Config& config) {
  for (Option& option : options) {
    const char* text = option.variable.empty() ? nullptr : environment(option.variable.c_str());
    if (!text) continue;
    const auto values = option.type == config::Type::list ? config::split(text) : std::vector<std::string>{text};
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
    if (given->second.front().empty())
      return ConfigError{fmt::format("{} needs a value: {}", option.flag, option.allowed)};
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

/// What is configured rightly and not built yet: the one place that refuses it.
std::optional<ConfigError> refuse_unbuilt(const Config& config) {
  if (config.processing_guarantee == "exactly_once")
    return ConfigError{"--processing-guarantee=exactly_once is not built yet: use at_least_once"};
  if (!config.librdkafka.empty() && config.bus != "kafka") return ConfigError{"-X is for --bus=kafka"};
  return {};
}

/// What does not go together.
std::optional<ConfigError> check(const Config& config) {
  const bool single = config.modules.size() == 1 && config.modules.front().count == 1;
  if (!config.instance_id.empty() && !single)
    return ConfigError{"--instance-id needs a single instance, such as --modules=fraud"};
  if (config.serves_http() && config.serves_inspector() && config.port == config.inspector_port)
    return ConfigError{fmt::format("--port and --inspector-port are both {}: choose another for one", config.port)};
  return {};
}

/// By whom starts this process: the file, which processes share, gives no port to one of them.
bool given_here(const std::vector<Option>& options, std::string_view flag) {
  const auto found = std::find_if(options.begin(), options.end(), [&](const Option& it) { return it.flag == flag; });
  return found->origin.starts_with("flag") || found->origin.starts_with("environment");
}

/// Where a program with this configuration serves, unless another URL is given.
std::string url_or_here(const std::string& url, const Config& config) {
  return url.empty() ? fmt::format("http://127.0.0.1:{}", config.port) : url;
}

}  // namespace

bool Config::only_replays() const { return replay && modules.size() == 1 && modules.front().kind == "fraud"; }

bool Config::serves_http() const {
  const auto is_order = [](const ModuleChoice& choice) { return choice.kind == "order"; };
  return !only_replays() && (port_given || std::any_of(modules.begin(), modules.end(), is_order));
}

bool Config::serves_inspector() const {
  return !only_replays() && inspector_port != 0 && (inspector_port_given || serves_http());
}

std::vector<std::string> plugin_files(std::span<const std::string> arguments, const Environment& environment,
                                      std::span<const ModuleKind> builtin) {
  const CommandLine line = config::parse_command_line(arguments, config::all_options(builtin));
  if (line.error || line.text) return {};
  if (const auto given = line.flags.find("--plugin"); given != line.flags.end()) return given->second;
  const auto file = choose_file(line, environment);
  return file ? config::list_in_file(file->path, "foodorder", "plugins") : std::vector<std::string>();
}

ParsedConfig parse_config(std::span<const std::string> arguments, const Environment& environment,
                          std::span<const ModuleKind> kinds) {
  std::vector<Option> options = config::all_options(kinds);
  Config config = config::defaults_for(kinds);
  const CommandLine line = config::parse_command_line(arguments, options);
  if (line.error) return ConfigError{*line.error};
  if (line.text) return PrintAndExit{*line.text};
  if (const auto file = choose_file(line, environment))
    if (auto wrong = apply_chosen_file(*file, options, config)) return *wrong;
  if (auto wrong = apply_environment(options, environment, config)) return *wrong;
  if (auto wrong = apply_flags(options, line, config)) return *wrong;
  if (line.verify) return VerifyRequest{url_or_here(*line.verify, config)};
  if (line.health) return HealthRequest{url_or_here(*line.health, config)};
  config.port_given = given_here(options, "--port");
  config.inspector_port_given = given_here(options, "--inspector-port");
  add_plugins(config, kinds);
  if (auto wrong = check(config)) return *wrong;
  if (line.print_config) return PrintAndExit{config::print(options, config)};
  if (auto wrong = refuse_unbuilt(config)) return *wrong;
  if (line.status) return StatusRequest{std::move(config), line.status->url, line.status->json};
  return config;
}

}  // namespace foodorder
