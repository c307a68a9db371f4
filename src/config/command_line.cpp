#include "options.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace foodorder::config {

namespace {

constexpr const char* no_file = "--config needs a value: the path of a file";

std::string first_line(std::string text) { return text.substr(0, text.find('\n')); }

/// What CLI11 found wrong, as one line that names it.
std::string explain(const CLI::ParseError& error, const CLI::App& cli, const std::vector<Option>& options) {
  std::string what = first_line(error.what());
  for (const Option& option : options)
    if (!option.flag.empty() && what.starts_with(option.flag + ":"))
      return fmt::format("{} needs a value: {}", option.flag, option.allowed);
  if (what.starts_with("--config:")) return no_file;
  if (what.starts_with("print-config")) return "--print-config takes no value";
  std::vector<std::string> flags{"--config", "--print-config", "--help", "--version", "-h"};
  for (const Option& option : options)
    if (!option.flag.empty()) flags.push_back(option.flag);
  for (const std::string& left : cli.remaining(true)) {
    const std::string name = left.substr(0, left.find('='));
    if (name.starts_with("-"))
      return fmt::format("there is no option {}{}: --help lists them", name, suggestion(name, flags));
    return fmt::format("there is no command {}: it is serve, verify, health, status, or nothing", toml_string(name));
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

CommandLine parse_command_line(std::span<const std::string> arguments, const std::vector<Option>& options) {
  CommandLine parsed;
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
