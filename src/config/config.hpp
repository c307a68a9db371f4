#pragma once

#include "commands.hpp"
#include "foodorder/runtime/module.hpp"
#include "http/server.hpp"

#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace foodorder {

/// `notification:2`: so many instances of a kind.
struct ModuleChoice {
  ModuleChoice(std::string name, int how_many) : kind(std::move(name)), count(how_many) {}

  bool operator==(const ModuleChoice&) const = default;

  std::string kind;
  int count;
};

/// The effective configuration: flag over environment over file over default, all of it checked.
struct Config {
  std::string architecture = "events";
  std::string database = "sqlite:data/foodorder.db";
  std::string durability = "process";
  std::string fraud_query = "indexed";
  std::string on_fraud_down = "reject";
  std::string outbox = "off";
  std::string fraud_url;  ///< of services in other processes; empty: there is none
  std::string notification_url;
  std::string audit_url;
  std::string bus = "memory";
  std::string brokers = "localhost:29092";
  std::vector<ModuleChoice> modules;
  std::string instance_id;  ///< empty: "<module>-<n>"
  bool replay = false;
  std::string processing_guarantee = "at_least_once";
  std::uint64_t seed = 0;
  std::string log_level = "warn";
  std::vector<std::string> plugins;
  std::vector<std::string> librdkafka;  ///< "name=value"

  std::string host = "127.0.0.1";
  std::uint16_t port = 3001;
  bool port_given = false;              ///< by flag or environment
  std::uint16_t inspector_port = 8080;  ///< 0: off
  bool inspector_port_given = false;    ///< by flag or environment
  std::string token;                    ///< empty: made at start
  std::vector<std::string> allow_hosts;
  std::string web_dir;  ///< empty: the page is the one in the binary
  http::ServerLimits http_limits;

  std::int64_t retention_bytes = 256LL << 20;
  Duration session_timeout = std::chrono::seconds(10);

  /// By kind, for every kind there is.
  std::map<std::string, Settings, std::less<>> settings;

  /// Where the values of the program's options come from, by key in the file: "flag --port", "environment PORT",
  /// "file my.toml:3", "default". For the line that says why a value did not do.
  std::map<std::string, std::string, std::less<>> origins;

  /// " (host: environment HOST; port: default)" for these keys.
  [[nodiscard]] std::string origins_of(std::initializer_list<const char*> keys) const;

  /// The path behind "sqlite:".
  [[nodiscard]] std::string database_file() const;
  /// The folder behind it, where each service has a file of its own; that of the usual file, unless another is given.
  [[nodiscard]] std::string database_folder() const;
  /// Whether this process runs it.
  [[nodiscard]] bool has_module(std::string_view kind) const;
  /// Of --architecture=rest: the services that those of this process call in others, and where.
  [[nodiscard]] std::map<std::string, std::string, std::less<>> services_elsewhere() const;
  /// A fraud process of its own with --replay: it replays and ends, and serves nothing.
  [[nodiscard]] bool only_replays() const;
  /// A process without `order` serves HTTP only if a port is given.
  [[nodiscard]] bool serves_http() const;
  /// It serves the inspector beside the API, or alone if the inspector's port is given: several processes on a machine
  /// would not get the same port.
  [[nodiscard]] bool serves_inspector() const;
};

/// Text to print to standard output, then exit with 0: --help, --version, --print-config.
struct PrintAndExit {
  std::string text;
};

/// One line for standard error, then exit with 2.
struct ConfigError {
  std::string line;
};

/// A command with the flags and arguments that it was given.
struct CommandCall {
  [[nodiscard]] bool has(std::string_view flag) const { return flags.find(flag) != flags.end(); }
  /// The first value, or nothing.
  [[nodiscard]] std::optional<std::string> value(std::string_view flag) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view flag) const;
  /// Of a flag that is an integer.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view flag) const;

  const Command* command = nullptr;
  std::map<std::string, std::vector<std::string>, std::less<>> flags;  ///< by CommandFlag::name
  std::vector<std::string> arguments;
};

/// `foodorder consume ...`: any command but serve.
struct CommandRequest {
  CommandCall call;
  Config config;       ///< the bus, where there is no URL
  std::string url;     ///< of the program to ask; empty: read the broker of `config` itself
  bool plain = false;  ///< NO_COLOR is set, or the terminal is a dumb one
};

using ParsedConfig = std::variant<Config, PrintAndExit, ConfigError, CommandRequest>;

/// Looks a variable up; null if it is not set.
using Environment = std::function<const char*(const char* name)>;

/// A configuration file that was read: a pipe gives its text only once.
struct ConfigFile {
  std::string path;
  std::string text;
  std::optional<std::string> error;  ///< one line: why it could not be read
};

/// What a start is asked for, before plugins are loaded: only they know their settings.
struct Invocation {
  std::span<const std::string> arguments;  ///< without the program's name
  Environment environment;
  std::optional<ConfigFile> file;
  std::vector<std::string> plugins;
  std::string plugins_origin;
};

/// Reads the configuration file, and no other, and which plugins to load. What is wrong is left to parse_config().
Invocation read_invocation(std::span<const std::string> arguments, Environment environment,
                           std::span<const ModuleKind> builtin);

/// The command line, the environment and the file, checked. `kinds` are the modules there are; a plugin's runs one
/// instance unless --modules says else.
ParsedConfig parse_config(const Invocation& start, std::span<const ModuleKind> kinds);

/// Host and port of "http://host:port", "http://host" or "http://[::1]:port"; nothing for anything else.
struct BaseUrl {
  std::string host;
  std::string port;
};
std::optional<BaseUrl> parse_base_url(std::string_view url);

}  // namespace foodorder
