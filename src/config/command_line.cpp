#include "option_types.hpp"
#include "options.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

namespace foodorder::config {

namespace {

using Arguments = std::span<const std::string>;
using Value = CommandFlag::Value;

constexpr const char* no_file = "--config needs a value: the path of a file";
constexpr std::array bare_flags = {"--print-config", "--help", "--version"};

std::string first_line(std::string text) { return text.substr(0, text.find('\n')); }

/// "--host", "-X": a value that begins so stands behind "=". "-1" and "-.5" are numbers.
bool looks_like_flag(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && word[1] != '.' && (word[1] < '0' || word[1] > '9');
}

/// The flags of one command, or of `serve`: those of the program that it takes, and its own.
class Flags {
 public:
  Flags(const std::vector<Option>& options, const Command* command) : command_(command) {
    for (const Option& option : options)
      if (!option.flag.empty() && (!command || says_where(*command, option.flag))) options_.push_back(&option);
  }

  [[nodiscard]] const std::vector<const Option*>& options() const { return options_; }

  /// Why a flag is refused that stands without a value; nothing if there is no such flag.
  [[nodiscard]] std::optional<std::string> needs_value(std::string_view flag) const {
    if (const CommandFlag* own = own_flag(flag)) {
      if (own->value == Value::none) return fmt::format("{} takes no value", flag);
      return fmt::format("{} needs a value: {}", flag, own->allowed());
    }
    for (const Option* option : options_)
      if (flag == option->flag) return fmt::format("{} needs a value: {}", option->flag, option->allowed);
    if (flag == "--config") return no_file;
    if (std::ranges::find(bare_flags, flag) != bare_flags.end()) return fmt::format("{} takes no value", flag);
    return {};
  }

  [[nodiscard]] bool takes_value(std::string_view flag) const {
    if (const CommandFlag* own = own_flag(flag)) return own->value == Value::needed;
    const auto same = [&](const Option* option) { return option->flag == flag && option->type != Type::boolean; };
    return flag == "--config" || std::ranges::any_of(options_, same);
  }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all(bare_flags.begin(), bare_flags.end());
    all.insert(all.end(), {"--config", "-h"});
    for (const Option* option : options_) all.push_back(option->flag);
    if (command_)
      for (const CommandFlag& own : command_->flags) all.push_back(own.name);
    return all;
  }

 private:
  [[nodiscard]] const CommandFlag* own_flag(std::string_view flag) const {
    if (!command_) return nullptr;
    const auto same = [&](const CommandFlag& own) {
      return own.name == flag || (own.letter != 0 && flag == std::string{'-', own.letter});
    };
    const auto found = std::ranges::find_if(command_->flags, same);
    return found == command_->flags.end() ? nullptr : &*found;
  }

  std::vector<const Option*> options_;
  const Command* command_;
};

/// Which command is asked for, by the words of its name.
struct Chosen {
  const Command* command = nullptr;  ///< null: serve
  std::string group;                 ///< "topic" where one of its commands is missing
  std::vector<std::string> rest;     ///< the arguments without those words
  std::optional<std::string> error;
};

/// Its place in `arguments`, or their size. Values of flags are no words.
std::size_t next_word(Arguments arguments, std::size_t begin, const Flags& flags) {
  for (std::size_t i = begin; i < arguments.size(); ++i) {
    if (!arguments[i].starts_with('-')) return i;
    if (flags.takes_value(arguments[i])) ++i;
  }
  return arguments.size();
}

std::vector<std::string> names_after(std::string_view group) {
  std::vector<std::string> names;
  for (const Command& command : commands())
    if (command.name.starts_with(group) && command.name.size() > group.size() && command.name[group.size()] == ' ')
      names.push_back(command.name.substr(group.size() + 1));
  return names;
}

const Command* find_command(std::string_view name) {
  const auto found = std::ranges::find(commands(), name, &Command::name);
  return found == commands().end() ? nullptr : &*found;
}

Chosen choose(Arguments arguments, const std::vector<Option>& options) {
  const Flags flags(options, nullptr);
  Chosen chosen{nullptr, "", {arguments.begin(), arguments.end()}, {}};
  const std::size_t first = next_word(arguments, 0, flags);
  if (first == arguments.size()) return chosen;
  const auto drop = [&](std::size_t at) { chosen.rest.erase(chosen.rest.begin() + static_cast<std::ptrdiff_t>(at)); };
  const std::string& word = arguments[first];
  chosen.command = find_command(word);
  if (chosen.command || word == "serve") return drop(first), chosen;
  const std::vector<std::string> names = names_after(word);
  if (names.empty()) return chosen;  // what is left over is told later, flags first
  const std::size_t second = next_word(arguments, first + 1, flags);
  chosen.group = word;
  if (second == arguments.size()) {
    chosen.error =
        fmt::format("{} needs one of {}: foodorder {} --help explains them", word, fmt::join(names, ", "), word);
    return chosen;
  }
  chosen.command = find_command(word + " " + arguments[second]);
  if (!chosen.command)
    chosen.error =
        fmt::format("there is no command {}{}: {} is followed by {}", toml_string(word + " " + arguments[second]),
                    suggestion(arguments[second], names), word, fmt::join(names, ", "));
  drop(second);
  drop(first);
  return chosen;
}

/// A flag that CLI11 would give the next word, though it is written `--name=`, or though that word is a flag. Then a
/// flag would be lost, and a token be one that is easy to guess.
std::optional<std::string> flag_without_value(Arguments arguments, const Flags& flags) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const bool is_cut = argument.starts_with("--") && argument.find('=') == argument.size() - 1;
    if (is_cut)
      if (auto problem = flags.needs_value(argument.substr(0, argument.size() - 1))) return problem;
    if (!flags.takes_value(argument)) continue;
    if (++i < arguments.size() && looks_like_flag(arguments[i])) return flags.needs_value(argument);
  }
  return {};
}

/// Of a flag that is there, but not here; empty if it is nowhere.
std::string elsewhere(const std::string& name, const Command* here) {
  std::vector<std::string_view> owners;
  for (const Command& command : commands())
    if (&command != here && command.flag(name)) owners.push_back(command.name);
  if (owners.empty()) return "";
  if (here) return fmt::format("{} is no option of {}, but of {}", name, here->name, fmt::join(owners, ", "));
  return fmt::format("there is no option {} without a command: {}", name, fmt::join(owners, ", "));
}

/// Which word or flag nobody has asked for, as one line that names it.
std::string explain_left(const std::string& word, const Flags& flags, const Command* command) {
  if (word.starts_with("-")) {
    const std::string name = word.substr(0, word.find('='));
    const std::string near = suggestion(name, flags.names());
    if (std::string line = near.empty() ? elsewhere(name, command) : ""; !line.empty()) return line;
    if (!command) return fmt::format("there is no option {}{}: --help lists them", name, near);
    return fmt::format("{} has no option {}{}: foodorder {} --help lists them", command->name, name, near,
                       command->name);
  }
  std::vector<std::string> names{"serve"};
  for (const Command& known : commands()) {
    std::string first = known.name.substr(0, known.name.find(' '));
    if (names.back() != first) names.push_back(std::move(first));
  }
  const std::string near = word == "help" ? " (did you mean --help?)" : suggestion(word, names);
  return fmt::format("there is no command {}{}: it is {}, or nothing", toml_string(word), near, fmt::join(names, ", "));
}

/// What CLI11 found wrong, as one line that names it.
std::string explain(const CLI::ParseError& error, const CLI::App& cli, const Flags& flags, const Command* command) {
  std::string what = first_line(error.what());
  if (auto problem = flags.needs_value(what.substr(0, what.find(':')))) return *problem;
  for (const std::string& flag : flags.names())
    if (what.starts_with(flag.substr(2) + " was given")) return fmt::format("{} takes no value", flag);
  if (const auto left = cli.remaining(true); !left.empty()) return explain_left(left.front(), flags, command);
  return what;
}

void add_options(CLI::App& cli, const Flags& flags, CommandLine& parsed) {
  for (const Option* option : flags.options()) {
    std::vector<std::string>& values = parsed.flags[option->flag];
    CLI::Option* added = option->type == Type::boolean ? cli.add_flag(option->flag + "{true}", values)
                                                       : cli.add_option(option->flag, values);
    if (option->type != Type::boolean) added->expected(1)->allow_extra_args(false);
    added->take_all();  // what is given twice is refused later, by name
  }
}

/// The flags of a command, and its arguments.
class CommandParser {
 public:
  CommandParser(CLI::App& cli, const Command& command) : command_(command) {
    for (const CommandFlag& flag : command.flags) {
      const std::string name = flag.letter != 0 ? fmt::format("-{},{}", flag.letter, flag.name) : flag.name;
      CLI::Option* added =
          flag.value == Value::none ? cli.add_flag(name)->disable_flag_override() : cli.add_option(name);
      if (flag.value == Value::needed) added->expected(1);
      if (flag.value == Value::optional) added->expected(0, 1);
      if (flag.value != Value::none) added->allow_extra_args(false)->take_all();
      flags_.push_back(added);
    }
    arguments_ = cli.add_option("arguments", words_)->expected(0, -1);
  }

  /// What was given; what is wrong with it, as one line.
  std::optional<std::string> take(CommandCall& call) const {
    call.command = &command_;
    for (std::size_t i = 0; i < flags_.size(); ++i) {
      const CommandFlag& flag = command_.flags[i];
      if (flags_[i]->count() == 0) {
        if (flag.required) return fmt::format("{} needs {} {}", command_.name, flag.shown(), flag.placeholder);
        continue;
      }
      std::vector<std::string> values = flags_[i]->results();
      if (auto wrong = check(flag, values)) return wrong;
      call.flags.emplace(flag.name, std::move(values));
    }
    call.arguments = arguments_->results();
    return check_arguments(call.arguments);
  }

 private:
  static std::optional<std::string> check(const CommandFlag& flag, std::vector<std::string>& values) {
    if (values.size() > 1 && !flag.repeatable && flag.value != Value::none)
      return fmt::format("{} is given {} times", flag.shown(), values.size());
    const std::vector<std::string> choices = flag.choices();
    for (std::string& value : values) {
      if (value.empty() && flag.value == Value::needed)
        return fmt::format("{} needs a value: {}", flag.name, flag.allowed());
      std::int64_t number = 0;
      if (!choices.empty()) value = lower(value);
      const bool is_good = flag.is_integer() ? read<std::int64_t>(value, number, flag.min, flag.max)
                                             : choices.empty() || std::ranges::find(choices, value) != choices.end();
      if (!is_good) return fmt::format("{} {}", flag.shown(), *must_be(flag.allowed(), {value}));
    }
    return {};
  }

  std::optional<std::string> check_arguments(const std::vector<std::string>& given) const {
    const std::string& wanted = command_.arguments;
    const bool any = wanted.ends_with("...]");
    const bool needed = !wanted.empty() && !wanted.starts_with('[');
    if (needed && given.empty()) return fmt::format("{} needs {}", command_.name, wanted);
    const std::size_t max = any ? given.size() : wanted.empty() ? 0 : 1;
    if (given.size() > max)
      return fmt::format("{} takes {}, not {}", command_.name, max == 0 ? "no argument" : wanted + " alone",
                         toml_string(given[max]));
    if (std::ranges::any_of(given, &std::string::empty)) return fmt::format("{} of {} is empty", wanted, command_.name);
    return {};
  }

  const Command& command_;
  std::vector<CLI::Option*> flags_;
  std::vector<std::string> words_;  // results() has them as they came: CLI11 drops an empty one here
  CLI::Option* arguments_ = nullptr;
};

}  // namespace

bool says_where(const Command& command, std::string_view flag) {
  if (command.flag(flag)) return false;
  if (flag == "--host" || flag == "--port" || flag == "--token") return true;
  return command.target == Command::Target::either && (flag == "--bus" || flag == "--brokers" || flag == "-X");
}

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
  Chosen chosen = choose(arguments, options);
  const Flags flags(options, chosen.command);
  if ((parsed.error = flag_without_value(chosen.rest, flags))) return parsed;
  std::vector<std::string> files;
  CLI::App cli;
  cli.set_help_flag("-h,--help");
  cli.set_version_flag("--version", std::string("foodorder ") + FOODORDER_VERSION);
  add_options(cli, flags, parsed);
  cli.add_option("--config", files)->expected(1)->allow_extra_args(false)->take_all();
  cli.add_flag("--print-config", parsed.print_config)->disable_flag_override();
  std::optional<CommandParser> command;
  if (chosen.command) command.emplace(cli, *chosen.command);
  try {
    std::vector<std::string> reversed(chosen.rest.rbegin(), chosen.rest.rend());
    cli.parse(std::move(reversed));
    if (chosen.error) parsed.error = chosen.error;
    if (command) parsed.error = command->take(parsed.call.emplace());
    if (files.size() > 1) parsed.error = fmt::format("--config is given {} times", files.size());
    if (!files.empty()) parsed.file = files.front();
    if (parsed.file == "") parsed.error = no_file;
  } catch (const CLI::CallForHelp&) {
    const std::string name = chosen.command ? chosen.command->name : chosen.group;
    parsed.text = name.empty() ? help(options) : command_help(name, options);
  } catch (const CLI::CallForVersion& version) {
    parsed.text = std::string(version.what()) + "\n";
  } catch (const CLI::ParseError& error) {
    parsed.error = chosen.error ? *chosen.error : explain(error, cli, flags, chosen.command);
  }
  std::erase_if(parsed.flags, [](const auto& flag) { return flag.second.empty(); });
  return parsed;
}

}  // namespace foodorder::config
