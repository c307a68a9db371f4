#include "config.hpp"

#include "foodorder/base/number.hpp"
#include "options.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <filesystem>

namespace foodorder {

namespace {

using config::CommandLine;
using config::Option;

constexpr const char* usual_file = "config/foodorder.toml";

/// A variable that is set to nothing counts as not set: Compose sets those that have no value.
const char* find_variable(const Environment& environment, const std::string& name) {
  const char* const text = name.empty() ? nullptr : environment(name.c_str());
  return text && *text != '\0' ? text : nullptr;
}

std::optional<ConfigFile> read_chosen_file(const std::vector<std::string>& given, const Environment& environment) {
  if (!given.empty()) return config::read_config_file(given.front(), "--config");
  if (const char* variable = find_variable(environment, "FOODORDER_CONFIG"))
    return config::read_config_file(variable, "environment FOODORDER_CONFIG");
  std::error_code unreachable;  // a folder that cannot be looked at has no file for us
  if (!std::filesystem::exists(usual_file, unreachable)) return {};
  return config::read_config_file(usual_file, "the usual configuration file");
}

std::optional<ConfigError> apply_environment(std::vector<Option>& options, const Environment& environment,
                                             Config& config) {
  for (Option& option : options) {
    const char* const text = find_variable(environment, option.variable);
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

/// What belongs to another architecture than the one that is chosen. The usual values stand in every file.
std::optional<ConfigError> check_architecture(const Config& config) {
  const Config usual;
  const bool events = config.architecture == "events";
  const auto is_for = [&](const char* flag, const char* architecture, const char* key) {
    return ConfigError{fmt::format("{} is for --architecture={}, not {}{}", flag, architecture, config.architecture,
                                   config.origins_of({key, "architecture"}))};
  };
  if (events && config.database != usual.database) return is_for("--database", "monolith", "database");
  if (events && config.durability != usual.durability) return is_for("--durability", "monolith", "durability");
  const bool rest = config.architecture == "rest";
  if ((events || rest) && config.fraud_query != usual.fraud_query)
    return is_for("--fraud-query", "monolith", "fraudQuery");
  if (!rest && config.on_fraud_down != usual.on_fraud_down) return is_for("--on-fraud-down", "rest", "onFraudDown");
  if (!rest && config.outbox != usual.outbox) return is_for("--outbox", "rest", "outbox");
  for (const config::ServiceUrl& url : config::service_urls)
    if (!rest && !(config.*url.field).empty()) return is_for(url.flag, "rest", url.key);
  if (!events && config.bus != usual.bus) return is_for("--bus=kafka", "events", "bus");
  if (!events && !config.plugins.empty()) return is_for("--plugin", "events", "plugins");
  if (!events && config.replay) return is_for("--replay", "events", "replay");
  return rest ? config::check_services(config) : std::nullopt;
}

/// What is configured rightly and not built yet: the one place that refuses it.
std::optional<ConfigError> refuse_unbuilt(const Config& config) {
  if (config.processing_guarantee == "exactly_once")
    return ConfigError{"--processing-guarantee=exactly_once is not built yet: use at_least_once" +
                       config.origins_of({"processingGuarantee"})};
  if (!config.librdkafka.empty() && config.bus != "kafka")
    return ConfigError{"-X is for --bus=kafka" + config.origins_of({"librdkafka", "bus"})};
  return {};
}

/// What does not go together.
std::optional<ConfigError> check(const Config& config) {
  const bool single = config.modules.size() == 1 && config.modules.front().count == 1;
  if (!config.instance_id.empty() && !single)
    return ConfigError{"--instance-id needs a single instance, such as --modules=fraud" +
                       config.origins_of({"instanceId", "modules"})};
  if (config.serves_http() && config.serves_inspector() && config.port == config.inspector_port)
    return ConfigError{fmt::format("--port and --inspector-port are both {}: choose another for one{}", config.port,
                                   config.origins_of({"port", "inspectorPort"}))};
  return {};
}

/// By whom starts this process: the file, which processes share, gives no port to one of them.
bool given_here(const std::vector<Option>& options, std::string_view flag) {
  const auto found = std::find_if(options.begin(), options.end(), [&](const Option& it) { return it.flag == flag; });
  return found->origin.starts_with("flag") || found->origin.starts_with("environment");
}

/// Where a program with this configuration serves, unless another URL is given.
std::string url_or_here(const std::string& url, const Config& config) {
  if (!url.empty()) return url;
  if (config.host == "0.0.0.0" || config.host == "::") return fmt::format("http://127.0.0.1:{}", config.port);
  const bool is_v6 = config.host.find(':') != std::string::npos;
  return fmt::format("http://{}:{}", is_v6 ? "[" + config.host + "]" : config.host, config.port);
}

/// What a command asks: the program of its URL, else the broker where the bus is one and the command can, else the
/// program of this configuration.
ParsedConfig request_of(CommandCall call, Config config, const Environment& environment) {
  const std::string url = call.value("--url").value_or("");
  if (!url.empty() && !parse_base_url(url))
    return ConfigError{fmt::format("--url must be http://host:port, not {}", url)};
  const bool on_broker = url.empty() && config.bus == "kafka" && call.command->target == Command::Target::either;
  std::string where = on_broker ? "" : url_or_here(url, config);
  const char* const terminal = find_variable(environment, "TERM");
  const bool plain = find_variable(environment, "NO_COLOR") || !terminal || std::string_view(terminal) == "dumb";
  return CommandRequest{std::move(call), std::move(config), std::move(where), plain};
}

std::map<std::string, std::string, std::less<>> origins(const std::vector<Option>& options) {
  std::map<std::string, std::string, std::less<>> all;
  for (const Option& option : options) all.try_emplace(option.key, option.origin);
  return all;
}

}  // namespace

std::string Config::database_file() const { return database.substr(database.find(':') + 1); }

std::string Config::database_folder() const {
  if (database == Config().database) return std::filesystem::path(database_file()).parent_path().string();
  return database_file();
}

std::optional<std::string> CommandCall::value(std::string_view flag) const {
  const auto found = flags.find(flag);
  return found == flags.end() || found->second.empty() ? std::nullopt : std::optional(found->second.front());
}

std::vector<std::string> CommandCall::values(std::string_view flag) const {
  const auto found = flags.find(flag);
  return found == flags.end() ? std::vector<std::string>() : found->second;
}

std::optional<std::int64_t> CommandCall::integer(std::string_view flag) const {
  const auto text = value(flag);
  return text ? parse_number<std::int64_t>(*text) : std::nullopt;
}

bool Config::only_replays() const { return replay && modules.size() == 1 && modules.front().kind == "fraud"; }

bool Config::has_module(std::string_view kind) const {
  return std::any_of(modules.begin(), modules.end(), [&](const ModuleChoice& choice) { return choice.kind == kind; });
}

bool Config::serves_http() const { return !only_replays() && (port_given || has_module("order")); }

bool Config::serves_inspector() const {
  return !only_replays() && inspector_port != 0 && (inspector_port_given || serves_http());
}

std::string Config::origins_of(std::initializer_list<const char*> keys) const {
  std::vector<std::string> parts;
  for (const char* key : keys) parts.push_back(fmt::format("{}: {}", key, origins.find(key)->second));
  return fmt::format(" ({})", fmt::join(parts, "; "));
}

Invocation read_invocation(std::span<const std::string> arguments, Environment environment,
                           std::span<const ModuleKind> builtin) {
  Invocation start{arguments, std::move(environment), {}, {}, {}};
  const CommandLine line = config::parse_command_line(arguments, config::all_options(builtin));
  // A flag that is unknown so far may be a plugin's: parse_config() looks again, once the plugins are loaded.
  if (!line.text) start.file = read_chosen_file(config::values_of("--config", arguments), start.environment);
  start.plugins = config::values_of("--plugin", arguments);
  if (!start.plugins.empty()) {
    start.plugins_origin = "flag --plugin";
  } else if (start.file && !line.error) {
    start.plugins = config::list_in_file(*start.file, "foodorder", "plugins");
    start.plugins_origin = "file " + start.file->path;
  }
  return start;
}

ParsedConfig parse_config(const Invocation& start, std::span<const ModuleKind> kinds) {
  std::vector<Option> options = config::all_options(kinds);
  Config config = config::defaults_for(kinds);
  const CommandLine line = config::parse_command_line(start.arguments, options);
  if (line.error) return ConfigError{*line.error};
  if (line.text) return PrintAndExit{*line.text};
  if (start.file && start.file->error) return ConfigError{*start.file->error};
  if (start.file)
    if (auto wrong = config::apply_file(*start.file, options, config)) return *wrong;
  if (auto wrong = apply_environment(options, start.environment, config)) return *wrong;
  if (auto wrong = apply_flags(options, line, config)) return *wrong;
  config.origins = origins(options);
  if (line.call && !line.print_config) return request_of(*line.call, std::move(config), start.environment);
  config.port_given = given_here(options, "--port");
  config.inspector_port_given = given_here(options, "--inspector-port");
  add_plugins(config, kinds);
  if (auto wrong = check(config)) return *wrong;
  if (line.print_config) return PrintAndExit{config::print(options, config)};
  if (auto wrong = refuse_unbuilt(config)) return *wrong;
  if (auto wrong = check_architecture(config)) return *wrong;
  return config;
}

}  // namespace foodorder
