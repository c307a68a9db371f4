#include "options.hpp"

#include <fmt/format.h>
#include <charconv>

namespace foodorder::config {

namespace {

constexpr int instances_max = 16;

template <class Number>
bool read(const std::string& text, Number& number, Number min, Number max) {
  Number parsed_number{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), parsed_number);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return false;
  if (parsed_number < min || parsed_number > max) return false;
  number = parsed_number;
  return true;
}

Option text_option(std::string section, std::string key, std::string Config::* field) {
  Option option;
  option.section = std::move(section);
  option.key = std::move(key);
  option.allowed = "a text that is not empty";
  option.placeholder = "TEXT";
  option.set = [field](Config& config, const std::vector<std::string>& values) {
    if (values.size() != 1 || values[0].empty()) return false;
    config.*field = values[0];
    return true;
  };
  option.show = [field](const Config& config) { return toml_string(config.*field); };
  return option;
}

Option choice_option(std::string section, std::string key, std::string Config::* field,
                     std::vector<std::string> choices) {
  Option option = text_option(std::move(section), std::move(key), field);
  option.allowed = fmt::format("one of {}", fmt::join(choices, ", "));
  option.placeholder = fmt::format("{}", fmt::join(choices, "|"));
  option.set = [field, choices](Config& config, const std::vector<std::string>& values) {
    if (values.size() != 1 || std::find(choices.begin(), choices.end(), values[0]) == choices.end()) return false;
    config.*field = values[0];
    return true;
  };
  return option;
}

/// `reach` gives the number inside a Config.
template <class Number, class Reach>
Option integer_option(std::string section, std::string key, Reach reach, Number min, Number max) {
  Option option;
  option.section = std::move(section);
  option.key = std::move(key);
  option.type = Type::integer;
  option.allowed = fmt::format("an integer from {} to {}", min, max);
  option.placeholder = "N";
  option.set = [reach, min, max](Config& config, const std::vector<std::string>& values) {
    return values.size() == 1 && read<Number>(values[0], reach(config), min, max);
  };
  option.show = [reach](const Config& config) {
    Config copy = config;
    return fmt::format("{}", reach(copy));
  };
  return option;
}

/// A duration in whole milliseconds.
Option millis_option(std::string section, std::string key, std::function<Duration&(Config&)> reach, std::int64_t min,
                     std::int64_t max) {
  Option option;
  option.section = std::move(section);
  option.key = std::move(key);
  option.type = Type::integer;
  option.allowed = fmt::format("an integer from {} to {} (milliseconds)", min, max);
  option.set = [reach, min, max](Config& config, const std::vector<std::string>& values) {
    std::int64_t millis = 0;
    if (values.size() != 1 || !read<std::int64_t>(values[0], millis, min, max)) return false;
    reach(config) = std::chrono::milliseconds(millis);
    return true;
  };
  option.show = [reach](const Config& config) {
    Config copy = config;
    return fmt::format("{}", std::chrono::duration_cast<std::chrono::milliseconds>(reach(copy)).count());
  };
  return option;
}

Option list_option(std::string section, std::string key, std::vector<std::string> Config::* field) {
  Option option;
  option.section = std::move(section);
  option.key = std::move(key);
  option.type = Type::list;
  option.allowed = "texts that are not empty";
  option.placeholder = "TEXT";
  option.set = [field](Config& config, const std::vector<std::string>& values) {
    if (std::any_of(values.begin(), values.end(), [](const std::string& value) { return value.empty(); })) return false;
    config.*field = values;
    return true;
  };
  option.show = [field](const Config& config) {
    std::vector<std::string> items;
    for (const std::string& item : config.*field) items.push_back(toml_string(item));
    return fmt::format("[{}]", fmt::join(items, ", "));
  };
  return option;
}

Option boolean_option(std::string section, std::string key, bool Config::* field) {
  Option option;
  option.section = std::move(section);
  option.key = std::move(key);
  option.type = Type::boolean;
  option.allowed = "true or false";
  option.set = [field](Config& config, const std::vector<std::string>& values) {
    if (values.size() != 1) return false;
    const bool yes = values[0] == "true" || values[0] == "1";
    if (!yes && values[0] != "false" && values[0] != "0") return false;
    config.*field = yes;
    return true;
  };
  option.show = [field](const Config& config) { return std::string(config.*field ? "true" : "false"); };
  return option;
}

/// "order,notification:2": kinds that exist, 1 to 16 instances of each.
bool parse_modules(const std::string& text, const std::vector<std::string>& kinds, std::vector<ModuleChoice>& modules) {
  std::vector<ModuleChoice> parsed;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string item = text.substr(begin, end - begin);
    const std::size_t colon = item.find(':');
    const std::string kind = item.substr(0, colon);
    int count = 1;
    if (colon != std::string::npos && !read<int>(item.substr(colon + 1), count, 1, instances_max)) return false;
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) return false;
    for (const ModuleChoice& other : parsed)
      if (other.kind == kind) return false;
    parsed.emplace_back(kind, count);
    begin = end + 1;
  }
  modules = std::move(parsed);
  return true;
}

Option modules_option(std::span<const ModuleKind> kinds) {
  std::vector<std::string> names;
  for (const ModuleKind& kind : kinds) names.push_back(kind.name);
  Option option;
  option.section = "foodorder";
  option.key = "modules";
  option.placeholder = "LIST";
  option.allowed = fmt::format("a list such as order,notification:2 of {}, each at most once, with 1 to {} instances",
                               fmt::join(names, ", "), instances_max);
  option.set = [names](Config& config, const std::vector<std::string>& values) {
    return values.size() == 1 && parse_modules(values[0], names, config.modules);
  };
  option.show = [](const Config& config) {
    std::vector<std::string> items;
    for (const ModuleChoice& choice : config.modules)
      items.push_back(choice.count == 1 ? choice.kind : fmt::format("{}:{}", choice.kind, choice.count));
    return toml_string(fmt::format("{}", fmt::join(items, ",")));
  };
  return option;
}

Option named(Option option, std::string flag, std::string variable, std::string help) {
  option.flag = std::move(flag);
  option.variable = std::move(variable);
  option.help = std::move(help);
  return option;
}

std::string setting_as_toml(const SettingValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return toml_string(*text);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *whole);
  const std::string real = fmt::format("{}", std::get<double>(value));
  return real.find_first_of(".e") == std::string::npos ? real + ".0" : real;
}

Option setting_option(const ModuleKind& kind, const SettingSpec& spec) {
  Option option;
  option.section = kind.name;
  option.key = spec.name;
  option.type = std::holds_alternative<std::string>(spec.default_value)    ? Type::text
                : std::holds_alternative<std::int64_t>(spec.default_value) ? Type::integer
                                                                           : Type::number;
  option.allowed = spec.allowed();
  option.help = spec.meaning;
  option.placeholder = option.type == Type::text ? fmt::format("{}", fmt::join(spec.choices, "|")) : "N";
  option.set = [spec, name = kind.name](Config& config, const std::vector<std::string>& values) {
    if (values.size() != 1) return false;
    const auto value = spec.parse(values[0]);
    return value && config.settings.find(name)->second.set(spec.name, *value);
  };
  option.show = [spec, name = kind.name](const Config& config) {
    return setting_as_toml(config.settings.find(name)->second.values().at(spec.name));
  };
  if (kind.name == "notification" && spec.name == "failRate")
    return named(std::move(option), "--fail-rate", "FAIL_RATE", spec.meaning);
  if (kind.name == "notification" && spec.name == "failMode")
    return named(std::move(option), "--fail-mode", "FAIL_MODE", spec.meaning);
  return option;
}

void add_program_options(std::vector<Option>& options, std::span<const ModuleKind> kinds) {
  const std::string general = "foodorder";
  options.push_back(named(choice_option(general, "bus", &Config::bus, {"memory", "kafka"}), "--bus", "BUS",
                          "what carries the events"));
  options.push_back(named(text_option(general, "brokers", &Config::brokers), "--brokers", "KAFKA_BROKER",
                          "bootstrap servers of a Kafka bus"));
  options.push_back(named(list_option(general, "librdkafka", &Config::librdkafka), "-X", "",
                          "name=value for librdkafka, repeatable"));
  options.push_back(
      named(modules_option(kinds), "--modules", "MODULES", "modules of this process; name:N is N instances"));
  options.push_back(named(text_option(general, "instanceId", &Config::instance_id), "--instance-id", "INSTANCE_ID",
                          "id of the single instance of this process"));
  options.push_back(named(boolean_option(general, "replay", &Config::replay), "--replay", "REPLAY",
                          "fraud reads orders from the beginning in a fresh group"));
  options.push_back(named(
      choice_option(general, "processingGuarantee", &Config::processing_guarantee, {"at_least_once", "exactly_once"}),
      "--processing-guarantee", "PROCESSING_GUARANTEE", "what a crash may repeat"));
  options.push_back(named(integer_option<std::uint64_t>(
                              general, "seed", [](Config& c) -> std::uint64_t& { return c.seed; }, 0, INT64_MAX),
                          "--seed", "SEED", "seeds every simulated failure"));
  options.push_back(named(choice_option(general, "logLevel", &Config::log_level, {"debug", "info", "warn", "error"}),
                          "--log-level", "LOG_LEVEL", "how much is logged to standard error"));
  options.push_back(named(list_option(general, "plugins", &Config::plugins), "--plugin", "",
                          "a shared library with one more module, repeatable"));
}

void add_http_options(std::vector<Option>& options) {
  const std::string section = "http";
  options.push_back(named(text_option(section, "host", &Config::host), "--host", "HOST", "the address to listen on"));
  Option port =
      integer_option<std::uint16_t>(section, "port", [](Config& c) -> std::uint16_t& { return c.port; }, 1, 65535);
  options.push_back(named(std::move(port), "--port", "PORT", "REST, events and the dashboard"));
  options.push_back(
      named(integer_option<std::uint16_t>(
                section, "inspectorPort", [](Config& c) -> std::uint16_t& { return c.inspector_port; }, 0, 65535),
            "--inspector-port", "INSPECTOR_PORT", "the topic inspector; 0 is off"));
  Option token = named(text_option(section, "token", &Config::token), "--token", "TOKEN",
                       "for control once the host is not loopback; none asks for none; made at start by default");
  token.secret = true;
  options.push_back(std::move(token));
  options.push_back(named(list_option(section, "allowHosts", &Config::allow_hosts), "--allow-host", "ALLOW_HOST",
                          "one more name that Host and Origin may have, repeatable"));
  options.push_back(integer_option<std::size_t>(
      section, "connectionsMax", [](Config& c) -> std::size_t& { return c.http_limits.connections; }, 1, 100'000));
  options.back().help = "open connections at a time";
  options.push_back(millis_option(
      section, "requestTimeoutMs", [](Config& c) -> Duration& { return c.http_limits.request_timeout; }, 100, 600'000));
  options.back().help = "from the first byte of a request to its last";
  options.push_back(millis_option(
      section, "idleTimeoutMs", [](Config& c) -> Duration& { return c.http_limits.idle_timeout; }, 100, 600'000));
  options.back().help = "between the requests of a connection";
  options.push_back(millis_option(
      section, "writeTimeoutMs", [](Config& c) -> Duration& { return c.http_limits.write_timeout; }, 100, 600'000));
  options.back().help = "of one write; who reads slower is cut off";
}

void add_bus_options(std::vector<Option>& options) {
  options.push_back(integer_option<std::int64_t>(
      "bus", "retentionBytes", [](Config& c) -> std::int64_t& { return c.retention_bytes; }, 1 << 20, 1LL << 40));
  options.back().help = "what the memory bus keeps of a topic, oldest removed first";
  options.push_back(millis_option(
      "bus", "sessionTimeoutMs", [](Config& c) -> Duration& { return c.session_timeout; }, 1000, 300'000));
  options.back().help = "a group member that is silent for so long has crashed";
}

}  // namespace

std::vector<Option> all_options(std::span<const ModuleKind> kinds) {
  std::vector<Option> options;
  add_program_options(options, kinds);
  add_http_options(options);
  add_bus_options(options);
  for (const ModuleKind& kind : kinds)
    for (const SettingSpec& spec : kind.settings) options.push_back(setting_option(kind, spec));
  return options;
}

std::optional<ConfigError> apply(Option& option, Config& config, const std::vector<std::string>& values,
                                 const std::string& where, std::string origin) {
  if (!option.set(config, values))
    return ConfigError{fmt::format("{} must be {}, not {}", where, option.allowed,
                                   toml_string(fmt::format("{}", fmt::join(values, ","))))};
  option.origin = std::move(origin);
  return {};
}

}  // namespace foodorder::config
