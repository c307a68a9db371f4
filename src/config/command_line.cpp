#include "options.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

namespace foodorder::config {

namespace {

constexpr const char* no_file = "--config needs a value: the path of a file";
constexpr const char* no_url = "--url needs a value: http://host:port of a running program";
constexpr std::array commands = {"serve", "verify", "health", "status"};
constexpr std::array bare_flags = {"--print-config", "--help", "--version", "--json"};

std::string first_line(std::string text) { return text.substr(0, text.find('\n')); }

/// Why a flag is refused that stands without a value; nothing if there is no such flag.
std::optional<std::string> needs_value(std::string_view flag, const std::vector<Option>& options) {
  for (const Option& option : options)
    if (!option.flag.empty() && flag == option.flag)
      return fmt::format("{} needs a value: {}", option.flag, option.allowed);
  if (flag == "--config") return no_file;
  if (flag == "--url") return no_url;
  if (std::ranges::find(bare_flags, flag) != bare_flags.end()) return fmt::format("{} takes no value", flag);
  return {};
}

bool takes_value(const std::string& flag, const std::vector<Option>& options) {
  const auto same = [&](const Option& option) { return option.flag == flag && option.type != Type::boolean; };
  return flag == "--config" || flag == "--url" || std::ranges::any_of(options, same);
}

/// "--host", "-X": a value that begins so stands behind "=". "-1" and "-.5" are numbers.
bool looks_like_flag(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && word[1] != '.' && (word[1] < '0' || word[1] > '9');
}

/// A flag that CLI11 would give the next word, though it is written `--name=`, or though that word is a flag. Then a
/// flag would be lost, and a token be one that is easy to guess.
std::optional<std::string> flag_without_value(std::span<const std::string> arguments,
                                              const std::vector<Option>& options) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const bool is_cut = argument.starts_with("--") && argument.find('=') == argument.size() - 1;
    if (is_cut)
      if (auto problem = needs_value(argument.substr(0, argument.size() - 1), options)) return problem;
    if (!takes_value(argument, options)) continue;
    if (++i < arguments.size() && looks_like_flag(arguments[i])) return needs_value(argument, options);
  }
  return {};
}

/// What CLI11 found wrong, as one line that names it.
std::string explain(const CLI::ParseError& error, const CLI::App& cli, const std::vector<Option>& options) {
  std::string what = first_line(error.what());
  if (auto problem = needs_value(what.substr(0, what.find(':')), options)) return *problem;
  for (const std::string_view flag : bare_flags)
    if (what.starts_with(flag.substr(2))) return fmt::format("{} takes no value", flag);
  std::vector<std::string> flags(bare_flags.begin(), bare_flags.end());
  for (const char* flag : {"--config", "--url", "-h"}) flags.emplace_back(flag);
  for (const Option& option : options)
    if (!option.flag.empty()) flags.push_back(option.flag);
  for (const std::string& left : cli.remaining(true)) {
    const std::string name = left.substr(0, left.find('='));
    if (name == "--url" || name == "--json")
      return fmt::format("there is no option {} without a command: {}", name,
                         name == "--json" ? "status" : "verify, health or status");
    if (name.starts_with("-"))
      return fmt::format("there is no option {}{}: --help lists them", name, suggestion(name, flags));
    return fmt::format("there is no command {}{}: it is {}, or nothing", toml_string(name),
                       suggestion(name, {commands.begin(), commands.end()}), fmt::join(commands, ", "));
  }
  return what;
}

void add_options(CLI::App& cli, const std::vector<Option>& options, CommandLine& parsed) {
  for (const Option& option : options) {
    if (option.flag.empty()) continue;
    std::vector<std::string>& values = parsed.flags[option.flag];
    CLI::Option* added = option.type == Type::boolean ? cli.add_flag(option.flag + "{true}", values)
                                                      : cli.add_option(option.flag, values);
    if (option.type != Type::boolean) added->expected(1)->allow_extra_args(false);
    added->take_all();  // what is given twice is refused later, by name
  }
}

}  // namespace

std::vector<std::string> values_of(std::string_view flag, std::span<const std::string> arguments) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == flag && i + 1 < arguments.size() && !looks_like_flag(arguments[i + 1]))
      values.push_back(arguments[++i]);
    else if (argument.starts_with(flag) && argument.size() > flag.size() + 1 && argument[flag.size()] == '=')
      values.push_back(argument.substr(flag.size() + 1));
  }
  return values;
}

CommandLine parse_command_line(std::span<const std::string> arguments, const std::vector<Option>& options) {
  CommandLine parsed;
  if ((parsed.error = flag_without_value(arguments, options))) return parsed;
  std::vector<std::string> files;
  CLI::App cli;
  cli.set_help_flag("-h,--help");
  cli.set_version_flag("--version", std::string("foodorder ") + FOODORDER_VERSION);
  add_options(cli, options, parsed);
  cli.add_option("--config", files)->expected(1)->allow_extra_args(false)->take_all();
  cli.add_flag("--print-config", parsed.print_config)->disable_flag_override();
  cli.add_subcommand("serve")->fallthrough();
  std::string url;
  CLI::App* verify = cli.add_subcommand("verify")->fallthrough();
  verify->add_option("--url", url);
  CLI::App* health = cli.add_subcommand("health")->fallthrough();
  health->add_option("--url", url);
  StatusFlags status_flags;
  CLI::App* status = cli.add_subcommand("status")->fallthrough();
  status->add_option("--url", status_flags.url);
  status->add_flag("--json", status_flags.json);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    cli.parse(std::move(reversed));
    if (verify->parsed()) parsed.verify = url;
    if (health->parsed()) parsed.health = url;
    if (status->parsed()) parsed.status = status_flags;
    if (files.size() > 1) parsed.error = fmt::format("--config is given {} times", files.size());
    if (!files.empty()) parsed.file = files.front();
    if (parsed.file == "") parsed.error = no_file;
    const bool has_url = verify->count("--url") + health->count("--url") + status->count("--url") > 0;
    if (has_url && (status->parsed() ? status_flags.url : url).empty()) parsed.error = no_url;
  } catch (const CLI::CallForHelp&) {
    parsed.text = help(options);
  } catch (const CLI::CallForVersion& version) {
    parsed.text = std::string(version.what()) + "\n";
  } catch (const CLI::ParseError& error) {
    parsed.error = explain(error, cli, options);
  }
  std::erase_if(parsed.flags, [](const auto& flag) { return flag.second.empty(); });
  return parsed;
}

}  // namespace foodorder::config
