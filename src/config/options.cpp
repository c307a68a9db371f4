#include "option_types.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::config {

namespace {

constexpr int instances_max = 16;

/// One item of --modules into `modules`: "order" or "notification:2".
Problem add_module(const std::string& item, const std::vector<std::string>& kinds, std::vector<ModuleChoice>& modules) {
  const std::size_t colon = item.find(':');
  const std::string kind = lower(item.substr(0, colon));
  int count = 1;
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
    return fmt::format("knows no module {}{}: there are {}", toml_string(kind), suggestion(kind, kinds),
                       fmt::join(kinds, ", "));
  if (colon != std::string::npos && !read<int>(item.substr(colon + 1), count, 1, instances_max))
    return fmt::format("must give {} 1 to {} instances, not {}", kind, instances_max, toml_string(item));
  for (const ModuleChoice& other : modules)
    if (other.kind == kind) return fmt::format("names {} twice: {}:2 is two instances", kind, kind);
  modules.emplace_back(kind, count);
  return {};
}

Option modules_option(std::span<const ModuleKind> kinds) {
  std::vector<std::string> names;
  for (const ModuleKind& kind : kinds) names.push_back(kind.name);
  const std::string allowed =
      fmt::format("a list such as order,notification:2 of {}, each at most once, with 1 to {} instances",
                  fmt::join(names, ", "), instances_max);
  Option option = bare_option(Type::text, "foodorder", "modules", allowed, "LIST");
  option.set = [names, allowed](Config& config, const std::vector<std::string>& values) -> Problem {
    if (values.size() != 1 || values[0].empty()) return must_be(allowed, values);
    std::vector<ModuleChoice> modules;
    for (const std::string& item : split(values[0]))
      if (auto problem = add_module(item, names, modules)) return problem;
    config.modules = std::move(modules);
    return {};
  };
  option.show = [](const Config& config) {
    std::vector<std::string> items;
    for (const ModuleChoice& choice : config.modules)
      items.push_back(choice.count == 1 ? choice.kind : fmt::format("{}:{}", choice.kind, choice.count));
    return toml_string(fmt::format("{}", fmt::join(items, ",")));
  };
  return option;
}

/// "name=value": passwords and keys among them are secrets.
Option librdkafka_option() {
  const auto fits = [](const std::string& text) { return text.find('=') != std::string::npos && text.front() != '='; };
  Option option = list_option("foodorder", "librdkafka", &Config::librdkafka, "name=value", fits);
  option.placeholder = "name=value";
  option.show_hidden = [](const Config& config) {
    std::vector<std::string> items = config.librdkafka;
    for (std::string& item : items) {
      const std::string name = item.substr(0, item.find('='));
      for (const char* secret : {"password", "secret", ".pem", "oauthbearer.config"})
        if (name.find(secret) != std::string::npos) item = name + "=***";
    }
    return toml_list(items);
  };
  return option;
}

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool is_not_empty(const std::string& text) { return !text.empty(); }

/// A name or an address, with or without a port: what a Host field can be. No URL, no "*".
bool is_host(const std::string& text) {
  const auto fits = [](char c) { return is_id_character(c) || c == ':' || c == '[' || c == ']'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

Option token_option() {
  Option option = word_option("http", "token", &Config::token, "a text of visible ASCII characters, at most 256", 256,
                              [](char c) { return c > ' ' && c < 0x7f; });
  option.set = [set = option.set](Config& config, const std::vector<std::string>& values) -> Problem {
    if (auto problem = set(config, values)) return problem;
    if (lower(config.token) == "none") config.token = "none";  // never a token that is easy to guess
    return {};
  };
  option.show_hidden = [](const Config&) { return std::string("\"***\""); };
  return option;
}

/// "host:9092", "[::1]:9092", "SSL://host:9093" or "host".
bool is_broker(const std::string& text) {
  if (text.find_first_of(" \t") != std::string::npos) return false;
  const std::size_t scheme = text.find("://");
  const std::string place = scheme == std::string::npos ? text : text.substr(scheme + 3);
  const std::size_t bracket = place.rfind(']');
  const std::size_t colon = place.find(':', bracket == std::string::npos ? 0 : bracket);
  if (colon == std::string::npos) return !place.empty();
  int port = 0;
  return colon > 0 && read<int>(place.substr(colon + 1), port, 1, 65535);
}

Option brokers_option() {
  const std::string allowed = "a list of host:port, with ports from 1 to 65535";
  Option option = text_option("foodorder", "brokers", &Config::brokers);
  option.allowed = allowed;
  option.placeholder = "LIST";
  option.set = [allowed](Config& config, const std::vector<std::string>& values) -> Problem {
    const std::vector<std::string> brokers = values.size() == 1 ? split(values[0]) : std::vector<std::string>();
    if (brokers.empty() || !std::ranges::all_of(brokers, is_broker)) return must_be(allowed, values);
    config.brokers = fmt::format("{}", fmt::join(brokers, ","));
    return {};
  };
  return option;
}

/// "sqlite:data/foodorder.db".
Option database_option() {
  const std::string allowed = "sqlite: and the path of a file";
  Option option = text_option("foodorder", "database", &Config::database);
  option.allowed = allowed;
  option.placeholder = "sqlite:FILE";
  option.set = [allowed](Config& config, const std::vector<std::string>& values) -> Problem {
    constexpr std::string_view scheme = "sqlite:";
    if (values.size() != 1 || !values[0].starts_with(scheme) || values[0].size() == scheme.size())
      return must_be(allowed, values);
    config.database = values[0];
    return {};
  };
  return option;
}

/// What a system without a bus is built of.
void add_architecture_options(std::vector<Option>& options) {
  const std::string general = "foodorder";
  options.push_back(named(
      choice_option(general, "architecture", &Config::architecture, {"events", "monolith", "rest"}), "--architecture",
      "ARCHITECTURE", "events: services over a bus; monolith: one program over a database; rest: services that call"));
  options.push_back(named(database_option(), "--database", "DATABASE",
                          "monolith: the database's file; rest: a folder for those of the services"));
  options.push_back(named(choice_option(general, "durability", &Config::durability, {"process", "power"}),
                          "--durability", "DURABILITY",
                          "monolith, rest: what an acknowledgement survives, kill -9 (process) or loss of power"));
  options.push_back(named(choice_option(general, "fraudQuery", &Config::fraud_query, {"scan", "indexed", "counted"}),
                          "--fraud-query", "FRAUD_QUERY", "monolith: how the orders of the last minute are counted"));
  options.push_back(named(choice_option(general, "onFraudDown", &Config::on_fraud_down, {"reject", "accept"}),
                          "--on-fraud-down", "ON_FRAUD_DOWN",
                          "rest: what becomes of an order that the fraud service cannot check"));
  options.push_back(named(choice_option(general, "outbox", &Config::outbox, {"off", "on"}), "--outbox", "OUTBOX",
                          "rest: what a service has to tell others is told once (off), or until it is taken"));
}

/// Where the services are that run in processes of their own.
void add_rest_options(std::vector<Option>& options) {
  for (const ServiceUrl& url : service_urls) {
    Option option = text_option("rest", url.key, url.field);
    option.allowed = "http://host:port";
    option.placeholder = "URL";
    option.set = [field = url.field](Config& config, const std::vector<std::string>& values) -> Problem {
      if (values.size() != 1 || !parse_base_url(values[0])) return must_be("http://host:port", values);
      config.*field = values[0];
      return {};
    };
    options.push_back(named(std::move(option), url.flag, url.variable,
                            fmt::format("rest: where the {} service runs, in a process of its own", url.service)));
  }
}

/// A flag or a file may have a list in one text, too, as the environment has.
Option allow_hosts_option() {
  Option option = list_option("http", "allowHosts", &Config::allow_hosts, "a host name", is_host);
  option.placeholder = "NAME";
  option.set = [set = option.set](Config& config, const std::vector<std::string>& values) {
    std::vector<std::string> hosts;
    for (const std::string& value : values)
      for (std::string& host : split(value)) hosts.push_back(std::move(host));
    return set(config, hosts);
  };
  return option;
}

std::string setting_as_toml(const SettingValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return toml_string(*text);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *whole);
  const std::string real = fmt::format("{}", std::get<double>(value));
  return real.find_first_of(".e") == std::string::npos ? real + ".0" : real;
}

Type type_of(const SettingSpec& spec) {
  if (std::holds_alternative<std::string>(spec.default_value)) return Type::text;
  return std::holds_alternative<std::int64_t>(spec.default_value) ? Type::integer : Type::number;
}

Option setting_option(const ModuleKind& kind, const SettingSpec& spec) {
  const Type type = type_of(spec);
  Option option = bare_option(type, kind.name, spec.name, spec.allowed(),
                              type == Type::text ? fmt::format("{}", fmt::join(spec.choices, "|")) : "N");
  option.help = spec.meaning;
  option.set = [spec, name = kind.name](Config& config, const std::vector<std::string>& values) -> Problem {
    std::string word = values.size() != 1 ? "" : values[0];
    for (const std::string& choice : spec.choices)
      if (lower(choice) == lower(word)) word = choice;
    const auto value = spec.parse(word);
    if (!value || !config.settings.find(name)->second.set(spec.name, *value)) return must_be(spec.allowed(), values);
    return {};
  };
  option.show = [spec, name = kind.name](const Config& config) {
    return setting_as_toml(config.settings.find(name)->second.values().at(spec.name));
  };
  return spec.flag.empty() ? option : named(std::move(option), spec.flag, spec.variable, spec.meaning);
}

void add_program_options(std::vector<Option>& options, std::span<const ModuleKind> kinds) {
  const std::string general = "foodorder";
  options.push_back(named(choice_option(general, "bus", &Config::bus, {"memory", "kafka"}), "--bus", "BUS",
                          "what carries the events; memory keeps nothing once the process ends"));
  options.push_back(
      named(brokers_option(), "--brokers", "KAFKA_BROKER", "bootstrap servers of the Kafka bus, host:port,..."));
  options.push_back(named(librdkafka_option(), "-X", "", "a setting of librdkafka, the Kafka client; repeatable"));
  options.push_back(
      named(modules_option(kinds), "--modules", "MODULES", "the modules of this process; name:N is N instances"));
  options.push_back(named(word_option(general, "instanceId", &Config::instance_id,
                                      "at most 100 letters, digits, '.', '_' and '-'", 100, is_id_character),
                          "--instance-id", "INSTANCE_ID",
                          "the id of the one instance that this process runs; else <module>-<n>"));
  options.back().placeholder = "ID";
  options.push_back(named(boolean_option(general, "replay", &Config::replay), "--replay", "REPLAY",
                          "fraud reads orders from the beginning, in a fresh group"));
  options.push_back(named(
      choice_option(general, "processingGuarantee", &Config::processing_guarantee, {"at_least_once", "exactly_once"}),
      "--processing-guarantee", "PROCESSING_GUARANTEE", "whether work that a crash cut short may show twice"));
  options.push_back(named(integer_option<std::uint64_t>(
                              general, "seed", [](Config& c) -> std::uint64_t& { return c.seed; }, 0, INT64_MAX),
                          "--seed", "SEED", "seeds every simulated failure; the same seed, the same failures"));
  options.push_back(named(choice_option(general, "logLevel", &Config::log_level, {"debug", "info", "warn", "error"}),
                          "--log-level", "LOG_LEVEL",
                          "how much is logged to standard error; info: one line for each order and outcome"));
  options.push_back(
      named(list_option(general, "plugins", &Config::plugins, "the path of a shared library", is_not_empty), "--plugin",
            "", "a shared library with one more module; repeatable"));
  options.back().placeholder = "FILE";
}

void add_http_options(std::vector<Option>& options) {
  const std::string section = "http";
  options.push_back(named(text_option(section, "host", &Config::host), "--host", "HOST",
                          "the address to listen on; beyond loopback, control needs the token"));
  options.back().placeholder = "ADDRESS";
  Option port =
      integer_option<std::uint16_t>(section, "port", [](Config& c) -> std::uint16_t& { return c.port; }, 1, 65535);
  options.push_back(
      named(std::move(port), "--port", "PORT",
            "port of REST, events and dashboard; a process without order serves them only if this is given"));
  options.push_back(
      named(integer_option<std::uint16_t>(
                section, "inspectorPort", [](Config& c) -> std::uint16_t& { return c.inspector_port; }, 0, 65535),
            "--inspector-port", "INSPECTOR_PORT", "port of the topic inspector; 0 turns it off"));
  options.push_back(
      named(token_option(), "--token", "TOKEN",
            "what control and produce ask for beyond loopback; made at start if not given; none turns it off"));
  options.push_back(
      named(allow_hosts_option(), "--allow-host", "ALLOW_HOST",
            "one more name that Host may have, and pages of it may use the API; with :port for pages of a port "
            "other than 80 and 443; repeatable, or with commas"));
  options.push_back(named(text_option(section, "webDir", &Config::web_dir), "--web-dir", "WEB_DIR",
                          "serve the page's files from this folder, for work on them; else those in the binary"));
  options.back().placeholder = "FOLDER";
  options.push_back(integer_option<std::size_t>(
      section, "connectionsMax", [](Config& c) -> std::size_t& { return c.http_limits.connections; }, 1, 100'000));
  options.back().help = "open connections at a time, at most three quarters of them event streams; more get a 503";
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
  options.back().help = "bytes that the memory bus keeps of a topic, the oldest removed first";
  options.push_back(millis_option(
      "bus", "sessionTimeoutMs", [](Config& c) -> Duration& { return c.session_timeout; }, 1000, 300'000));
  options.back().help = "a group member that is silent for so long counts as crashed";
}

}  // namespace

Config defaults_for(std::span<const ModuleKind> kinds) {
  Config config;
  for (const ModuleKind& kind : kinds) {
    config.settings.emplace(kind.name, Settings(kind.settings));
    config.modules.emplace_back(kind.name, kind.instances);
  }
  return config;
}

std::vector<Option> all_options(std::span<const ModuleKind> kinds) {
  std::vector<Option> options;
  add_architecture_options(options);
  add_program_options(options, kinds);
  add_http_options(options);
  add_bus_options(options);
  add_rest_options(options);
  for (const ModuleKind& kind : kinds)
    for (const SettingSpec& spec : kind.settings) options.push_back(setting_option(kind, spec));
  const Config defaults = defaults_for(kinds);
  for (Option& option : options) option.default_value = option.show(defaults);
  return options;
}

std::optional<ConfigError> apply(Option& option, Config& config, const std::vector<std::string>& values,
                                 const std::string& where, std::string origin) {
  if (const auto problem = option.set(config, values)) return ConfigError{fmt::format("{} {}", where, *problem)};
  option.origin = std::move(origin);
  return {};
}

}  // namespace foodorder::config
