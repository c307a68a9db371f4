#include "config_start.hpp"

#include <fmt/format.h>

using namespace foodorder;
using namespace foodorder::test;

namespace {

CommandRequest asked(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {}) {
  const ParsedConfig parsed = parse({std::move(arguments), std::move(environment), {}});
  if (const auto* error = std::get_if<ConfigError>(&parsed)) FAIL(error->line);
  REQUIRE(std::holds_alternative<CommandRequest>(parsed));
  return std::get<CommandRequest>(parsed);
}

std::string wrong(std::vector<std::string> arguments) { return refused({std::move(arguments), {}, {}}); }

}  // namespace

TEST_CASE("A command takes kcat's letters, long names, and its words in any place") {
  const Folder folder;
  const CommandRequest letters = asked({"consume", "-t", "orders", "-p0", "-o", "-5", "-c", "3", "-eq", "-K:"});
  CHECK(letters.call.command->name == "consume");
  CHECK(letters.call.value("--topic") == "orders");
  CHECK(letters.call.integer("--partition") == 0);
  CHECK(letters.call.value("--offset") == "-5");
  CHECK(letters.call.integer("--count") == 3);
  CHECK(letters.call.has("--exit"));
  CHECK(letters.call.has("--quiet"));
  CHECK(letters.call.value("--key-separator") == ":");
  const CommandRequest names = asked({"--bus=kafka", "consume", "--topic=orders", "--count=3"});
  CHECK(names.call.value("--topic") == "orders");
  CHECK(names.url.empty());
  CHECK(asked({"topic", "--output=json", "describe", "orders"}).call.arguments == std::vector<std::string>{"orders"});
  CHECK(asked({"dlq", "redrive", "0", "3"}).call.arguments == std::vector<std::string>{"0", "3"});
}

TEST_CASE("A separator may be left out, and does not take the next flag") {
  const Folder folder;
  const CommandRequest bare = asked({"consume", "-t", "order-status", "-o", "beginning", "-K"});
  CHECK(bare.call.has("--key-separator"));
  CHECK(bare.call.value("--key-separator").value_or("").empty());
  const CommandRequest before = asked({"consume", "-K", "-t", "orders", "-e"});
  CHECK(before.call.has("--exit"));
  CHECK(before.call.value("--topic") == "orders");
}

TEST_CASE("A command asks the program of a URL, else the broker, else the program of this configuration") {
  const Folder folder;
  CHECK(asked({"topic", "list"}).url == "http://127.0.0.1:3001");
  CHECK(asked({"topic", "list", "--port=4001"}).url == "http://127.0.0.1:4001");
  CHECK(asked({"topic", "list"}, {{"BUS", "kafka"}}).url.empty());
  CHECK(asked({"topic", "list", "--url=http://far:1"}, {{"BUS", "kafka"}}).url == "http://far:1");
  CHECK(asked({"load", "4"}, {{"BUS", "kafka"}}).url == "http://127.0.0.1:3001");
  CHECK(asked({"health"}, {{"BUS", "kafka"}, {"PORT", "4001"}}).url == "http://127.0.0.1:4001");
  CHECK(asked({"group", "list", "--token=secret"}).config.token == "secret");
}

TEST_CASE("Colours are left out where NO_COLOR is set, or the terminal is none") {
  const Folder folder;
  CHECK_FALSE(asked({"topic", "list"}, {{"TERM", "xterm"}}).plain);
  CHECK(asked({"topic", "list"}, {{"TERM", "xterm"}, {"NO_COLOR", "1"}}).plain);
  CHECK_FALSE(asked({"topic", "list"}, {{"TERM", "xterm"}, {"NO_COLOR", ""}}).plain);
  CHECK(asked({"topic", "list"}, {{"TERM", "dumb"}}).plain);
  CHECK(asked({"topic", "list"}).plain);
}

TEST_CASE("A command, a flag or a word that is not there is refused by name, with one that is near") {
  const Folder folder;
  CHECK(wrong({"consum", "-t", "x"}).find("consume") != std::string::npos);
  CHECK(wrong({"topic"}) == "topic needs one of list, describe, compact: foodorder topic --help explains them");
  CHECK(wrong({"topic", "lst"}) ==
        R"(there is no command "topic lst" (did you mean list?): topic is followed by list, describe, compact)");
  CHECK(wrong({"consume", "-t", "a", "--filtr=x"}) ==
        "consume has no option --filtr (did you mean --filter?): foodorder consume --help lists them");
  CHECK(wrong({"consume", "-t", "a", "-z"}) == "consume has no option -z: foodorder consume --help lists them");
  CHECK(wrong({"topic", "list", "--execute"}) ==
        "--execute is no option of topic list, but of group reset, dlq redrive");
  CHECK(wrong({"--filter=x"}) == "there is no option --filter without a command: consume");
  CHECK(wrong({"consume", "-t", "a", "--fail-rate=1"}).starts_with("consume has no option --fail-rate"));
  CHECK(wrong({"load", "4", "--bus=kafka"}).starts_with("load has no option --bus"));
}

TEST_CASE("What a command needs and does not get, or gets and does not take, is named") {
  const Folder folder;
  CHECK(wrong({"consume"}) == "consume needs -t TOPIC");
  CHECK(wrong({"consume", "-t"}) == "--topic needs a value: TOPIC");
  CHECK(wrong({"consume", "-t", "-e"}) == "-t needs a value: TOPIC");
  CHECK(wrong({"consume", "--topic="}) == "--topic needs a value: TOPIC");
  CHECK(wrong({"consume", "-t", "a", "-t", "b"}) == "-t is given 2 times");
  CHECK(wrong({"consume", "-t", "a", "-c", "0"}) == R"(-c must be an integer from 1 to 1000000000000, not "0")");
  CHECK(wrong({"consume", "-t", "a", "-p", "x"}) == R"(-p must be an integer from 0 to 1000000, not "x")");
  CHECK(wrong({"consume", "-t", "a", "--output=xml"}) == R"(--output must be one of table, json, not "xml")");
  CHECK(wrong({"consume", "-t", "a", "--exit=1"}) == "--exit takes no value");
  CHECK(wrong({"consume", "-t", "a", "b"}) == R"(consume takes no argument, not "b")");
  CHECK(wrong({"history"}) == "history needs ID");
  CHECK(wrong({"history", "a", "b"}) == R"(history takes ID alone, not "b")");
  CHECK(wrong({"topic", "describe", ""}) == "TOPIC of topic describe is empty");
  CHECK(wrong({"topic", "list", "--url=far"}) == "--url must be http://host:port, not far");
}

TEST_CASE("Each command has help of its own with an example, in lines that fit a terminal") {
  const Folder folder;
  for (const Command& command : commands()) {
    INFO(command.name);
    std::vector<std::string> arguments{"--help"};
    arguments.insert(arguments.begin(), command.name.substr(0, command.name.find(' ')));
    if (const auto space = command.name.find(' '); space != std::string::npos)
      arguments.insert(arguments.begin() + 1, command.name.substr(space + 1));
    const std::string text = printed({arguments, {}, {}});
    CHECK(text.starts_with("foodorder " + command.name + ": "));
    for (const CommandFlag& flag : command.flags) CHECK(text.find(flag.name) != std::string::npos);
    CHECK(text.find("--port") != std::string::npos);
    CHECK(text.find("--fail-rate") == std::string::npos);
    REQUIRE_FALSE(command.examples.empty());
    CHECK(text.find("\nExamples:\n  " + command.examples.front()) != std::string::npos);
    for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1)
      CHECK(text.substr(begin, text.find('\n', begin) - begin).size() <= 100);
  }
  const std::string group = printed({{"topic", "--help"}, {}, {}});
  CHECK(group.find("topic describe TOPIC") != std::string::npos);
  CHECK(group.find("group list") == std::string::npos);
  const std::string all = printed({{"--help"}, {}, {}});
  for (const Command& command : commands()) CHECK(all.find("\n  " + command.name) != std::string::npos);
}
