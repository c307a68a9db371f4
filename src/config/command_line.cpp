#include "options.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace foodorder::config {

namespace {

constexpr const char* footer =
    "Examples:\n"
    "  foodorder                                  everything in one process, nothing to install\n"
    "  foodorder --fail-rate=1                    every notification fails: RETRY, RETRY, DLQ\n"
    "  foodorder --modules=order,notification:3   three notification instances, nobody else\n"
    "  foodorder --print-config > my.toml         a configuration file to begin with\n\n"
    "A flag comes before the environment, the environment before the file, the file before the default.";

std::string describe(const Option& option, const Config& defaults) {
  std::vector<std::string> notes;
  const std::string value = option.show(defaults);
  if (value != "\"\"" && value != "[]" && value != "false") notes.push_back(fmt::format("default {}", value));
  if (!option.variable.empty()) notes.push_back(fmt::format("environment {}", option.variable));
  return notes.empty() ? option.help : fmt::format("{} ({})", option.help, fmt::join(notes, ", "));
}

std::string first_line(std::string text) { return text.substr(0, text.find('\n')); }

/// What CLI11 found wrong, as one line that names it.
std::string explain(const CLI::ParseError& error, std::span<const std::string> arguments,
                    const std::vector<Option>& options) {
  std::vector<std::string> flags{"--config", "--print-config", "--help", "--version"};
  for (const Option& option : options)
    if (!option.flag.empty()) flags.push_back(option.flag);
  if (dynamic_cast<const CLI::ExtrasError*>(&error)) {
    for (const std::string& argument : arguments) {
      const std::string name = argument.substr(0, argument.find('='));
      if (std::find(flags.begin(), flags.end(), name) != flags.end()) continue;
      if (name.starts_with("-") && name != "-h")
        return fmt::format("there is no option {}{}; --help lists them", name, suggestion(name, flags));
    }
    for (const std::string& argument : arguments)
      if (!argument.starts_with("-") && argument != "serve" &&
          std::string(error.what()).find(argument) != std::string::npos)
        return fmt::format("there is no command {}: it is serve, or nothing", toml_string(argument));
  }
  return first_line(error.what());
}

}  // namespace

CommandLine parse_command_line(std::span<const std::string> arguments, const std::vector<Option>& options) {
  CommandLine parsed;
  CLI::App cli("foodorder: a food-ordering system that shows event-driven architecture", "foodorder");
  cli.footer(footer);
  cli.get_formatter()->column_width(34);
  cli.set_help_flag("-h,--help", "this text");
  cli.set_version_flag("--version", std::string("foodorder ") + FOODORDER_VERSION);
  Config defaults;
  std::map<std::string, CLI::Option*> given;
  std::string file;
  for (const Option& option : options) {
    if (option.flag.empty()) continue;
    std::vector<std::string>& values = parsed.flags[option.flag];
    const bool defaults_known = option.key != "modules" && option.section != "notification";
    const std::string text =
        defaults_known ? describe(option, defaults) : fmt::format("{} (environment {})", option.help, option.variable);
    CLI::Option* added = option.type == Type::boolean
                             ? cli.add_flag(option.flag + "{true}", values, text)
                             : cli.add_option(option.flag, values, text)->type_name(option.placeholder);
    if (option.type != Type::boolean) added->expected(1)->allow_extra_args(false);
    if (option.type == Type::list) added->take_all();
    given[option.flag] = added;
  }
  cli.add_option("--config", file,
                 "the configuration file (default config/foodorder.toml if present, environment FOODORDER_CONFIG)")
      ->type_name("FILE");
  cli.add_flag("--print-config", parsed.print_config, "print the effective configuration with origins, and exit");
  cli.add_subcommand("serve", "run the modules and serve HTTP (the default)")->fallthrough();
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    cli.parse(std::move(reversed));
    if (!file.empty() || cli.count("--config") > 0) parsed.file = file;
  } catch (const CLI::CallForHelp&) {
    parsed.text = cli.help();
  } catch (const CLI::CallForVersion& version) {
    parsed.text = std::string(version.what()) + "\n";
  } catch (const CLI::ParseError& error) {
    parsed.error = explain(error, arguments, options);
  }
  for (const auto& [flag, option] : given)
    if (option->count() == 0) parsed.flags.erase(flag);
  return parsed;
}

}  // namespace foodorder::config
