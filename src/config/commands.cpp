#include "commands.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder {

namespace {

using Value = CommandFlag::Value;
using Target = Command::Target;

constexpr std::int64_t count_max = 1'000'000'000'000;

CommandFlag flag(std::string name, char letter, std::string help) {
  CommandFlag made;
  made.name = std::move(name);
  made.letter = letter;
  made.help = std::move(help);
  return made;
}

CommandFlag text(std::string name, char letter, std::string placeholder, std::string help) {
  CommandFlag made = flag(std::move(name), letter, std::move(help));
  made.placeholder = std::move(placeholder);
  made.value = Value::needed;
  return made;
}

CommandFlag integer(std::string name, char letter, std::int64_t min, std::int64_t max, std::string help) {
  CommandFlag made = text(std::move(name), letter, "N", std::move(help));
  made.min = min;
  made.max = max;
  return made;
}

Command command(std::string name, std::string arguments, std::string help) {
  Command made;
  made.name = std::move(name);
  made.arguments = std::move(arguments);
  made.help = std::move(help);
  return made;
}

Command of_program(Command made) {
  made.target = Target::program;
  return made;
}

std::vector<Command> topic_commands() {
  Command list = command("topic list", "", "list the topics: partitions, records, size, cleanup");
  list.examples = {"foodorder topic list", "foodorder topic list --output=json | jq -r .name"};
  Command describe =
      command("topic describe", "TOPIC", "show a topic's partitions, settings, and the groups that read it");
  describe.examples = {"foodorder topic describe order-status"};
  return {list, describe};
}

std::vector<Command> group_commands() {
  Command list = command("group list", "", "list the consumer groups: state, members, lag");
  list.examples = {"foodorder group list"};
  Command describe = command("group describe", "GROUP", "show a group's members and its lag in each partition");
  describe.examples = {"foodorder group describe notification-group"};
  return {list, describe};
}

Command history_command() {
  Command made = command("history", "ID", "print every record about an order, on any topic, in time order");
  made.examples = {"foodorder history 7c1e90b2-6f0f-4f53-9c57-0d0a1b2c3d4e"};
  return made;
}

Command load_command() {
  Command made = of_program(command("load", "[RATE]", "have the program place RATE orders a second; 0 ends it"));
  made.about = "Without a rate it shows the load. A load ends after 10 minutes unless it is asked for again.";
  made.flags = {text("--scenario", 0, "steady|burst|greedy", "who orders, and when"),
                integer("--seed", 0, 0, 2'147'483'647, "the same seed, the same orders")};
  made.examples = {"foodorder load 40 --scenario=burst", "foodorder load 0"};
  return made;
}

Command watch_command() {
  Command made = command("watch", "", "show the system live: groups, lag, members, last events");
  made.about = "In a pipe, a line for each change. Keys: q quit, space pause, ? help.";
  made.flags = {integer("--count", 'c', 1, count_max, "exit after N looks, one a second")};
  made.prints_rows = false;
  made.examples = {"foodorder watch", "foodorder watch --bus=kafka | grep lag"};
  return made;
}

Command status_command() {
  Command made = command("status", "", "print each living order, by the topic order-status alone");
  made.flags = {flag("--json", 0, "one JSON object, for programs")};
  made.prints_rows = false;
  made.examples = {"foodorder status --bus=kafka"};
  return made;
}

std::vector<Command> all_commands() {
  std::vector<Command> all;
  const auto add = [&](std::vector<Command> more) { all.insert(all.end(), more.begin(), more.end()); };
  add(topic_commands());
  add(group_commands());
  add({history_command(), load_command(), watch_command(), status_command()});
  Command verify = of_program(command("verify", "", "check the log of a running program"));
  verify.examples = {"foodorder verify --url=http://127.0.0.1:3001"};
  Command health = of_program(command("health", "", "ask a running program whether it is ready"));
  health.examples = {"foodorder health"};
  for (Command* made : {&verify, &health}) made->prints_rows = false;
  add({verify, health});
  for (Command& made : all) {
    if (made.prints_rows)
      made.flags.push_back(
          text("--output", 0, "table|json", "table on a terminal, a JSON object a line in a pipe, unless said here"));
    made.flags.push_back(text("--url", 0, "URL", "a running program; else the one of this configuration"));
  }
  return all;
}

}  // namespace

std::vector<std::string> CommandFlag::choices() const {
  std::vector<std::string> words;
  if (placeholder.find('|') == std::string::npos) return words;
  for (std::size_t begin = 0; begin <= placeholder.size();) {
    const std::size_t end = std::min(placeholder.find('|', begin), placeholder.size());
    words.push_back(placeholder.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::string CommandFlag::allowed() const {
  if (is_integer()) return fmt::format("an integer from {} to {}", min, max);
  if (const auto words = choices(); !words.empty()) return fmt::format("one of {}", fmt::join(words, ", "));
  if (name == "--url") return "http://host:port of a running program";
  return placeholder;
}

std::string CommandFlag::shown() const { return letter != 0 ? std::string{'-', letter} : name; }

const CommandFlag* Command::flag(std::string_view wanted) const noexcept {
  const auto found = std::find_if(flags.begin(), flags.end(), [&](const CommandFlag& it) { return it.name == wanted; });
  return found == flags.end() ? nullptr : &*found;
}

const std::vector<Command>& commands() {
  static const std::vector<Command> all = all_commands();
  return all;
}

}  // namespace foodorder
