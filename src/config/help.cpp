#include "options.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::config {

namespace {

constexpr std::size_t width = 100;
constexpr std::size_t column = 30;

constexpr const char* examples =
    "Examples:\n"
    "  foodorder                                  everything in one process, nothing to install\n"
    "  foodorder --fail-rate=1                    every notification fails: RETRY, RETRY, DLQ\n"
    "  foodorder --modules=order,notification:3   three notification instances, nobody else\n"
    "  foodorder --log-level=info                 what each service does, a line for each outcome\n"
    "  foodorder --print-config > my.toml         a configuration file to begin with\n"
    "  foodorder watch                            the running system, in a terminal\n";

/// `head`, then the words in a column of their own.
std::string entry(const std::string& head, const std::vector<std::string>& words) {
  std::string out = "  " + head;
  std::size_t at = out.size();
  for (const std::string& word : words) {
    const bool too_far = (at + 1 > column && &word == words.data()) || at + 1 + word.size() > width;
    if (too_far) {
      out += '\n';
      at = 0;
    }
    const std::string space(at < column ? column - at : 1, ' ');
    out += space + word;
    at += space.size() + word.size();
  }
  return out + '\n';
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::string unquoted(std::string value) {
  return value.starts_with('"') ? value.substr(1, value.size() - 2) : std::move(value);
}

std::vector<std::string> describe(const Option& option) {
  std::vector<std::string> words = words_of(option.help);
  std::vector<std::string> notes;
  const std::string& value = option.default_value;
  if (value != "\"\"" && value != "[]" && option.type != Type::boolean) notes.push_back(unquoted(value));
  if (!option.variable.empty()) notes.push_back(option.variable);
  if (!notes.empty()) words.push_back(fmt::format("[{}]", fmt::join(notes, ", ")));
  return words;
}

std::string head(const Option& option) {
  if (option.type == Type::boolean) return option.flag;
  const bool is_short = option.flag.size() == 2;
  return fmt::format("{}{}{}", option.flag, is_short ? " " : "=", option.placeholder);
}

std::string config_entry() {
  return entry("--config=FILE", words_of("the configuration file: all of these and each setting of each module "
                                         "[config/foodorder.toml if present, FOODORDER_CONFIG]"));
}

/// "topic describe TOPIC"
std::string heading(const Command& command) {
  return command.arguments.empty() ? command.name : fmt::format("{} {}", command.name, command.arguments);
}

/// "-t, --topic=TOPIC"
std::string head(const CommandFlag& flag) {
  const bool optional = flag.value == CommandFlag::Value::optional;
  return fmt::format("{}{}{}", flag.letter == 0 ? "" : std::string{'-', flag.letter, ',', ' '}, flag.name,
                     flag.value == CommandFlag::Value::none ? ""
                     : optional                             ? fmt::format("[={}]", flag.placeholder)
                                                            : "=" + flag.placeholder);
}

/// Text in lines that fit a terminal.
std::string paragraph(const std::string& text) {
  std::string out;
  std::size_t at = 0;
  for (const std::string& word : words_of(text)) {
    const bool fits = at + 1 + word.size() <= width;
    out += at == 0 ? word : (fits ? " " : "\n") + word;
    at = at == 0 || !fits ? word.size() : at + 1 + word.size();
  }
  return out + '\n';
}

std::string help_of(const Command& command, const std::vector<Option>& options) {
  std::string usage = "foodorder " + heading(command);
  for (const CommandFlag& flag : command.flags)
    if (flag.required) usage += fmt::format(" {} {}", flag.shown(), flag.placeholder);
  std::string text = fmt::format("foodorder {}: {}\n\nUsage: {} [options]\n\n", command.name, command.help, usage);
  if (!command.about.empty()) text += paragraph(command.about) + '\n';
  for (const CommandFlag& flag : command.flags) text += entry(head(flag), words_of(flag.help));
  text += "\nWhere the log is; in brackets the default and the environment variable:\n\n";
  for (const Option& option : options)
    if (!option.flag.empty() && says_where(command, option.flag)) text += entry(head(option), describe(option));
  text += config_entry();
  text += entry("-h, --help", words_of("print this text and exit"));
  text += "\nExamples:\n";
  for (const std::string& example : command.examples) text += "  " + example + '\n';
  return text;
}

}  // namespace

std::string help(const std::vector<Option>& options) {
  std::string text =
      "foodorder: a food-ordering system to see, break and measure event-driven architecture\n\n"
      "Usage: foodorder [serve] [options]\n"
      "       foodorder COMMAND [options]\n"
      "       foodorder COMMAND --help\n\n"
      "Commands:\n";
  text += entry("serve", words_of("run the services; the default command"));
  for (const Command& command : commands()) text += entry(heading(command), words_of(command.help));
  text +=
      "\nOptions, under their table in the configuration file; in brackets the default and the\n"
      "environment variable. A flag comes before the environment, that before the file.\n";
  std::string section;
  for (const Option& option : options) {
    if (option.flag.empty()) continue;
    if (option.section != section) text += fmt::format("\n[{}]\n", option.section);
    section = option.section;
    text += entry(head(option), describe(option));
  }
  text += '\n' + config_entry();
  text += entry("--print-config", words_of("print each value and where it comes from, secrets hidden, and exit"));
  text += entry("-h, --help", words_of("print this text and exit"));
  text += entry("--version", words_of("print the version and exit"));
  return text + '\n' + examples;
}

std::string command_help(std::string_view name, const std::vector<Option>& options) {
  for (const Command& command : commands())
    if (command.name == name) return help_of(command, options);
  std::string text = fmt::format("Usage: foodorder {} COMMAND [options]\n\nCommands:\n", name);
  for (const Command& command : commands())
    if (command.name.starts_with(std::string(name) + ' ')) text += entry(heading(command), words_of(command.help));
  return text + fmt::format("\nfoodorder {} COMMAND --help explains one of them.\n", name);
}

}  // namespace foodorder::config
