#pragma once

#include "config.hpp"

#include <array>
#include <optional>

namespace foodorder::config {

enum class Type { text, integer, number, boolean, list };

/// One option, whichever way it is given: the single source of its flag, variable, key in the file, check and help.
struct Option {
  std::string section;  ///< of the file
  std::string key;
  Type type = Type::text;
  std::string flag;      ///< "--port", or empty
  std::string variable;  ///< "PORT", or empty
  std::string allowed;   ///< "a number from 1 to 65535"
  std::string help;
  std::string placeholder;

  /// Takes the value (several for a list). If it is not allowed, changes nothing and says why, to follow the option's
  /// name: "must be a number from 1 to 65535, not "x"".
  std::function<std::optional<std::string>(Config& config, const std::vector<std::string>& values)> set;
  /// The value as TOML has it; `""` where none is set.
  std::function<std::string(const Config& config)> show;
  /// Where the value holds secrets: the same with "***" in their place.
  std::function<std::string(const Config& config)> show_hidden;

  std::string default_value;  ///< as `show` gives it
  std::string origin = "default";
};

/// How it is said where a service runs that others call.
struct ServiceUrl {
  const char* service;
  std::string Config::* field;
  const char* key;
  const char* flag;
  const char* variable;
};
inline constexpr std::array<ServiceUrl, 3> service_urls = {{
    {"fraud", &Config::fraud_url, "fraudUrl", "--fraud-url", "FRAUD_URL"},
    {"notification", &Config::notification_url, "notificationUrl", "--notification-url", "NOTIFICATION_URL"},
    {"audit", &Config::audit_url, "auditUrl", "--audit-url", "AUDIT_URL"},
}};

/// What does not go together where services call each other, each maybe in a process of its own.
std::optional<ConfigError> check_services(const Config& config);

/// What is in force where nothing else is said: all of the modules, notification twice.
Config defaults_for(std::span<const ModuleKind> kinds);

/// All options: those of the program, then the settings of each kind.
std::vector<Option> all_options(std::span<const ModuleKind> kinds);

/// Sets an option from somewhere; what is wrong becomes one line that begins with `where`.
std::optional<ConfigError> apply(Option& option, Config& config, const std::vector<std::string>& values,
                                 const std::string& where, std::string origin);

/// The file's part. Errors name file and line.
std::optional<ConfigError> apply_file(const ConfigFile& file, std::vector<Option>& options, Config& config);

/// One list of the file, before the rest of it can be checked: empty if it is not there.
std::vector<std::string> list_in_file(const ConfigFile& file, std::string_view section, std::string_view key);

/// Reads a file from front to back, once: pipes and devices, too. What is wrong goes to `file.error`.
ConfigFile read_config_file(std::string path, const std::string& asked_by);

/// The configuration as TOML that can be used as the file, each line with its origin.
std::string print(const std::vector<Option>& options, const Config& config);

/// What the command line says.
struct CommandLine {
  std::map<std::string, std::vector<std::string>> flags;  ///< by Option::flag
  std::optional<std::string> file;                        ///< --config
  bool print_config = false;
  std::optional<CommandCall> call;   ///< none: serve
  std::optional<std::string> text;   ///< help or version
  std::optional<std::string> error;  ///< one line
};

CommandLine parse_command_line(std::span<const std::string> arguments, const std::vector<Option>& options);

/// The values of a flag, whatever else is on the command line.
std::vector<std::string> values_of(std::string_view flag, std::span<const std::string> arguments);

/// What --help prints.
std::string help(const std::vector<Option>& options);
/// The same of one command. `name` may be the first word of several: "topic".
std::string command_help(std::string_view name, const std::vector<Option>& options);

/// A flag of the program that a command takes, too: it says where the log is.
bool says_where(const Command& command, std::string_view flag);

/// " (did you mean --port?)" where one of `names` is near, else nothing.
std::string suggestion(std::string_view given, const std::vector<std::string>& names);

/// The parts of "a, b" without the blanks around them; one that is empty is among them.
std::vector<std::string> split(std::string_view text);

/// ASCII letters in lower case: for words whose case means nothing.
std::string lower(std::string_view text);

/// A TOML string, quoted.
std::string toml_string(std::string_view text);

}  // namespace foodorder::config
