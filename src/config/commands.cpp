#include "commands.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder {

namespace {

using Value = CommandFlag::Value;
using Target = Command::Target;

constexpr std::int64_t count_max = 1'000'000'000'000;
constexpr std::int64_t partition_max = 1'000'000;

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

CommandFlag required(CommandFlag made) {
  made.required = true;
  return made;
}

CommandFlag repeatable(CommandFlag made) {
  made.repeatable = true;
  return made;
}

CommandFlag optional_value(CommandFlag made) {
  made.value = Value::optional;
  return made;
}

CommandFlag topic_flag() { return required(text("--topic", 't', "TOPIC", "the topic")); }
CommandFlag execute_flag() { return flag("--execute", 0, "do it; without it, only print what would be done"); }
CommandFlag topics_flag() {
  return repeatable(text("--topic", 't', "TOPIC[:N,...]", "only this topic, or these partitions of it; repeatable"));
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

Command consume_command() {
  Command made = command("consume", "", "print the records of a topic, up to its end or as they come");
  made.about =
      "On a terminal, a line a record; in a pipe, a JSON object a line, which produce --input=json takes. -f and -K "
      "print plain text, as kcat does. Bytes that are no text are shown as \\xNN, and in JSON as base64.";
  made.flags = {
      topic_flag(),
      integer("--partition", 'p', 0, partition_max, "only this partition"),
      text("--offset", 'o', "WHERE",
           "where to begin: beginning (the default), end, an offset, -N for the last N of each partition, s@TIME for "
           "a time (ISO 8601, or milliseconds since 1970)"),
      integer("--count", 'c', 1, count_max, "exit after N records"),
      flag("--exit", 'e', "exit at the end of the topic, as it is at the start"),
      optional_value(text("--key-separator", 'K', "TEXT", "print key, TEXT (a tab if none is given) and value")),
      text("--format", 'f', "FORMAT",
           "print each record so: %t topic, %p partition, %o offset, %k key, %s value, %h headers, %T time in "
           "milliseconds, %K and %S sizes of key and value; \\n, \\t and \\xNN are taken as well"),
      flag("--quiet", 'q', "no progress and no summary on standard error"),
      text("--filter", 0, "EXPRESSION", "only records for which it is true, as in the inspector"),
      text("--key", 'k', "KEY", "only records with this key; null: those without one"),
      text("--header", 'H', "NAME[:VALUE]", "only records with this header"),
      text("--text", 0, "TEXT", "only records whose value has TEXT in it"),
      text("--tombstones", 0, "only|none", "only tombstones, or all but these"),
      text("--isolation", 0, "read_committed|read_uncommitted",
           "read_uncommitted: also records of transactions that are open or aborted"),
  };
  made.examples = {"foodorder consume -t order-status -o beginning -K -e",
                   "foodorder consume -t orders --filter 'order.price > 20 and retryCount >= 1' -e",
                   "foodorder consume -t audit -o end | jq .json.action",
                   "foodorder consume -t orders-dlq -f '%p@%o %k\\n' -e"};
  return made;
}

Command produce_command() {
  Command made = command("produce", "", "send what standard input says to a topic, a record a line");
  made.about = "What the broker refuses is named by its line; what was sent before it stays.";
  made.flags = {
      topic_flag(),
      integer("--partition", 'p', 0, partition_max, "to this partition; else by the key"),
      text("--key", 'k', "KEY", "the key of each record"),
      text("--key-separator", 'K', "TEXT", "each line is a key, TEXT and a value"),
      repeatable(text("--header", 'H', "NAME=VALUE", "a header of each record; repeatable")),
      flag("--tombstone", 'Z', "an empty value is a tombstone (null)"),
      text("--input", 0, "text|json", "text (the default), or a JSON object a line, as consume prints it in a pipe"),
      flag("--quiet", 'q', "no progress and no summary on standard error"),
  };
  made.prints_rows = false;
  made.examples = {"echo hello | foodorder produce -t audit -k 1 -H source=me",
                   "echo 'order-1:' | foodorder produce -t order-status -K : -Z",
                   "foodorder consume -t orders -e | foodorder produce -t copy --input=json"};
  return made;
}

std::vector<Command> topic_commands() {
  Command list = command("topic list", "", "list the topics: partitions, records, size, cleanup");
  list.examples = {"foodorder topic list", "foodorder topic list --output=json | jq -r .name"};
  Command describe =
      command("topic describe", "TOPIC", "show a topic's partitions, settings, and the groups that read it");
  describe.examples = {"foodorder topic describe order-status"};
  Command compact = command("topic compact", "TOPIC", "compact a topic now (the memory bus)");
  compact.about = "A broker compacts by itself, when its settings say so; it has no command for that.";
  compact.examples = {"foodorder topic compact order-status"};
  return {list, describe, compact};
}

std::vector<Command> group_commands() {
  Command list = command("group list", "", "list the consumer groups: state, members, lag");
  list.examples = {"foodorder group list"};
  Command describe = command("group describe", "GROUP", "show a group's members and its lag in each partition");
  describe.examples = {"foodorder group describe notification-group"};
  Command reset = command("group reset", "GROUP", "set a group's committed offsets");
  reset.about =
      "Prints each partition before and after; --execute does it. A group with members is refused: stop them first.";
  reset.flags = {
      flag("--to-earliest", 0, "to the oldest record"),
      flag("--to-latest", 0, "to the end: nothing that is there now is read"),
      flag("--to-current", 0, "to what is committed, or the end where nothing is"),
      integer("--to-offset", 0, 0, count_max, "to this offset"),
      integer("--shift-by", 0, -count_max, count_max, "by N records: forward, or back where N is negative"),
      text("--to-datetime", 0, "TIME", "to the first record at or after a time, such as 2026-02-05T13:11:17Z"),
      text("--by-duration", 0, "DURATION", "to the first record of the last DURATION, such as PT1H30M"),
      topics_flag(),
      execute_flag(),
  };
  reset.examples = {"foodorder group reset audit-group --to-earliest",
                    "foodorder group reset audit-group --shift-by -10 --topic audit:0 --execute"};
  return {list, describe, reset};
}

std::vector<Command> dlq_commands() {
  Command list = command("dlq list", "", "list the dead letters, with the reason of each");
  list.examples = {"foodorder dlq list"};
  Command redrive = command("dlq redrive", "[OFFSET...]", "send dead letters back to the topics that they came from");
  redrive.about =
      "Says which go where; --execute does it. The letters stay on orders-dlq: a log forgets nothing before its "
      "retention says so.";
  redrive.flags = {flag("--all", 0, "all of them"), text("--reason", 0, "TEXT", "those with this reason"),
                   flag("--again", 0, "also those that ask again: redriven already, or more than three times"),
                   execute_flag()};
  redrive.examples = {"foodorder dlq redrive 0 3", "foodorder dlq redrive --all --execute"};
  return {list, redrive};
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
  std::vector<Command> all = {consume_command(), produce_command()};
  const auto add = [&](std::vector<Command> more) { all.insert(all.end(), more.begin(), more.end()); };
  add(topic_commands());
  add(group_commands());
  add(dlq_commands());
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
