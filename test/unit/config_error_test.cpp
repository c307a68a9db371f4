#include "config_start.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

using namespace foodorder;
using namespace foodorder::test;

namespace {

/// A start with these flags is refused with this line.
struct WrongFlags {
  std::vector<std::string> flags;
  std::string line;
};

/// A start with this file is refused with this line, after the file's name.
struct WrongFile {
  std::string text;
  std::string line;
};

void check(const std::vector<WrongFile>& cases) {
  for (const WrongFile& wrong : cases) CHECK(refused({{}, {}, wrong.text}) == "my.toml:" + wrong.line);
}

}  // namespace

TEST_CASE("A flag that is not there is refused by name, with one that is near") {
  const Folder folder;
  const std::vector<WrongFlags> cases = {
      {{"--fail_rate=1"}, "there is no option --fail_rate (did you mean --fail-rate?): --help lists them"},
      {{"--quick"}, "there is no option --quick: --help lists them"},
      {{"serve", "--porx", "1"}, "there is no option --porx (did you mean --port?): --help lists them"},
      {{"-q"}, "there is no option -q: --help lists them"},
      {{"--PORT=1"}, "there is no option --PORT (did you mean --port?): --help lists them"},
      {{"--json"}, "there is no option --json without a command: status"},
      {{"health", "--ulr=x"}, "health has no option --ulr (did you mean --url?): foodorder health --help lists them"},
      {{"healt"},
       R"(there is no command "healt" (did you mean health?): it is serve, consume, produce, topic, group, dlq, )"
       "history, load, watch, status, verify, health, or nothing"},
      {{"help"},
       R"(there is no command "help" (did you mean --help?): it is serve, consume, produce, topic, group, dlq, )"
       "history, load, watch, status, verify, health, or nothing"},
      {{"dance"},
       R"(there is no command "dance": it is serve, consume, produce, topic, group, dlq, history, load, watch, )"
       "status, verify, health, or nothing"},
      {{"serve", "it"},
       R"(there is no command "it": it is serve, consume, produce, topic, group, dlq, history, load, watch, )"
       "status, verify, health, or nothing"},
  };
  for (const WrongFlags& wrong : cases) CHECK(refused({wrong.flags, {}, {}}) == wrong.line);
}

TEST_CASE("A flag's wrong value is refused with what is allowed") {
  const Folder folder;
  const std::vector<WrongFlags> cases = {
      {{"--bus=rabbit"}, R"(--bus must be one of memory, kafka, not "rabbit")"},
      {{"--port=0"}, R"(--port must be an integer from 1 to 65535, not "0")"},
      {{"--port=65536"}, R"(--port must be an integer from 1 to 65535, not "65536")"},
      {{"--port=80a"}, R"(--port must be an integer from 1 to 65535, not "80a")"},
      {{"--port=1.5"}, R"(--port must be an integer from 1 to 65535, not "1.5")"},
      {{"--seed=-1"}, R"(--seed must be an integer from 0 to 9223372036854775807, not "-1")"},
      {{"--fail-rate=1.01"}, R"(--fail-rate must be a number from 0 to 1, not "1.01")"},
      {{"--fail-rate=nan"}, R"(--fail-rate must be a number from 0 to 1, not "nan")"},
      {{"--fail-mode=later"}, R"(--fail-mode must be one of dlq, drop, not "later")"},
      {{"--replay=maybe"}, R"(--replay must be true or false, not "maybe")"},
      {{"--log-level=loud"}, R"(--log-level must be one of debug, info, warn, error, not "loud")"},
      {{"--instance-id=a/b", "--modules=fraud"}, "--instance-id must be at most 100 letters, digits, '.', '_' and '-'"},
      {{"--token=two words"}, "--token must be a text of visible ASCII characters, at most 256"},
      {{"--allow-host=http://orders.example"}, R"(--allow-host must be a host name, not "http://orders.example")"},
      {{"--allow-host=*"}, R"(--allow-host must be a host name, not "*")"},
      {{"-X", "linger.ms"}, R"(-X must be name=value, not "linger.ms")"},
      {{"-X", "=5"}, R"(-X must be name=value, not "=5")"},
  };
  for (const WrongFlags& wrong : cases) CHECK(refused({wrong.flags, {}, {}}) == wrong.line);
}

TEST_CASE("A flag without its value, or given twice, is refused") {
  const Folder folder;
  const std::vector<WrongFlags> cases = {
      {{"--fail-rate"}, "--fail-rate needs a value: a number from 0 to 1"},
      {{"--fail-rate="}, "--fail-rate needs a value: a number from 0 to 1"},
      {{"-X"}, "-X needs a value: name=value"},
      {{"--config="}, "--config needs a value: the path of a file"},
      {{"--config"}, "--config needs a value: the path of a file"},
      {{"--port=1", "--port=1"}, "--port is given 2 times"},
      {{"--replay", "--replay"}, "--replay is given 2 times"},
      {{"--config=a", "--config=b"}, "--config is given 2 times"},
      {{"--print-config=yes"}, "--print-config takes no value"},
  };
  for (const WrongFlags& wrong : cases) CHECK(refused({wrong.flags, {}, {}}) == wrong.line);
}

TEST_CASE("A flag written with = and nothing behind it never takes the next word") {
  const Folder folder;
  for (const char* flag : {"--bus", "--brokers", "--modules", "--instance-id", "--replay", "--processing-guarantee",
                           "--seed", "--log-level", "--plugin", "--host", "--port", "--inspector-port", "--token",
                           "--allow-host", "--fail-rate", "--fail-mode", "--config"}) {
    for (const std::vector<std::string>& rest : {std::vector<std::string>{"--log-level=info"}, {"info"}, {}}) {
      std::vector<std::string> flags{std::string(flag) + "="};
      flags.insert(flags.end(), rest.begin(), rest.end());
      CHECK(refused({flags, {}, {}}).starts_with(std::string(flag) + " needs a value: "));
    }
    // Nor does one without = take a flag, and an empty word is no value.
    for (const char* next : {"--seed=1", "--help", "-X", "-h", "--"})
      if (std::string_view(flag) != "--replay")
        CHECK(refused({{flag, next}, {}, {}}).starts_with(std::string(flag) + " needs a value: "));
  }
  for (const char* command : {"health", "verify", "status"}) {
    CHECK(refused({{command, "--url="}, {}, {}}).starts_with("--url needs a value: "));
    CHECK(refused({{command, "--url", ""}, {}, {}}).starts_with("--url needs a value: "));
    CHECK(refused({{command, "--token=", "x"}, {}, {}}).starts_with("--token needs a value: "));
  }
  CHECK(refused({{"--token", ""}, {}, {}}).starts_with("--token needs a value: "));
  CHECK(refused({{"--allow-host=a", "--allow-host="}, {}, {}}).starts_with("--allow-host needs a value: "));
  CHECK(refused({{"status", "--json="}, {}, {}}) == "--json takes no value");
  CHECK(refused({{"--help="}, {}, {}}) == "--help takes no value");
}

TEST_CASE("A value may begin with a hyphen where it is a number") {
  const Folder folder;
  CHECK(refused({{"--seed", "-1"}, {}, {}}) == R"(--seed must be an integer from 0 to 9223372036854775807, not "-1")");
  CHECK(refused({{"--fail-rate", "-0.5"}, {}, {}}) == R"(--fail-rate must be a number from 0 to 1, not "-0.5")");
  CHECK(refused({{"--fail-rate", "-.5"}, {}, {}}).starts_with("--fail-rate "));
}

TEST_CASE("A malformed URL is refused with what it must be") {
  const Folder folder;
  for (const char* url : {"foo", "localhost:3001", "https://localhost", "http://", "http://a b", "http://a:0",
                          "http://a:65536", "http://a:x", "http://a/path", "http://::1:80", "http://u@a"})
    for (const char* command : {"health", "verify", "status"})
      CHECK(refused({{command, std::string("--url=") + url}, {}, {}}) ==
            fmt::format("--url must be http://host:port, not {}", url));
  CHECK(parse_base_url("HTTP://[::1]:4000/")->host == "::1");
  CHECK(parse_base_url("http://a")->port == "80");
}

TEST_CASE("A module that is not there, or too many of one, is refused by name") {
  const Folder folder;
  const std::vector<WrongFlags> cases = {
      {{"--modules=order,cook"}, R"(--modules knows no module "cook": there are order, notification, fraud)"},
      {{"--modules=oder"},
       R"(--modules knows no module "oder" (did you mean order?): there are order, notification, fraud)"},
      {{"--modules=order,"}, R"(--modules knows no module "": there are order, notification, fraud)"},
      {{"--modules=fraud:0"}, R"(--modules must give fraud 1 to 16 instances, not "fraud:0")"},
      {{"--modules=fraud:17"}, R"(--modules must give fraud 1 to 16 instances, not "fraud:17")"},
      {{"--modules=fraud:"}, R"(--modules must give fraud 1 to 16 instances, not "fraud:")"},
      {{"--modules=fraud,order,fraud"}, "--modules names fraud twice: fraud:2 is two instances"},
  };
  for (const WrongFlags& wrong : cases) CHECK(refused({wrong.flags, {}, {}}) == wrong.line);
}

TEST_CASE("What is wrong in the environment is refused by the variable's name") {
  const Folder folder;
  CHECK(refused({{}, {{"FAIL_RATE", "often"}}, {}}) ==
        R"(environment FAIL_RATE must be a number from 0 to 1, not "often")");
  CHECK(refused({{}, {{"KAFKA_BROKER", "a:1,b:99999"}}, {}}) ==
        R"(environment KAFKA_BROKER must be a list of host:port, with ports from 1 to 65535, not "a:1,b:99999")");
  CHECK(refused({{}, {{"ALLOW_HOST", "a,,b"}}, {}}) == R"(environment ALLOW_HOST must be a host name, not "")");
  CHECK(refused({{}, {{"MODULES", "cook"}}, {}}) ==
        R"(environment MODULES knows no module "cook": there are order, notification, fraud)");
}

TEST_CASE("What is wrong in the environment or the file is refused even where a flag would hide it") {
  const Folder folder;
  CHECK(refused({{"--port=1"}, {{"PORT", "x"}}, {}}).starts_with("environment PORT must be"));
  CHECK(refused({{"--port=1"}, {}, "[http]\nport = 0\n"}).starts_with("my.toml:2: port in [http] must be"));
}

TEST_CASE("A configuration file that is not there is refused by name and by who asked for it") {
  const Folder folder;
  CHECK(refused({{"--config=gone.toml"}, {}, {}}) == R"(--config: there is no file "gone.toml")");
  CHECK(refused({{}, {{"FOODORDER_CONFIG", "gone.toml"}}, {}}) ==
        R"(environment FOODORDER_CONFIG: there is no file "gone.toml")");
  std::filesystem::create_directory("folder");
  CHECK(refused({{"--config=folder"}, {}, {}}) == R"(--config: "folder" is a folder, not a file)");
}

TEST_CASE("A configuration file that cannot be read to its end is one line") {
  const Folder folder;
  REQUIRE(::mkfifo("pipe", 0600) == 0);
  CHECK(refused({{"--config=pipe"}, {}, {}}) == R"(--config: "pipe" is a pipe, and nothing was written to it)");
  CHECK(refused({{"--config=/dev/zero"}, {}, {}}) == R"(--config: "/dev/zero" is larger than 1048576 bytes)");
  std::filesystem::create_symlink("around", "around");
  CHECK(refused({{"--config=around"}, {}, {}}).starts_with(R"(--config: "around" cannot be read: )"));
  CHECK(refused({{"--config=" + std::string(5000, 'x')}, {}, {}}).starts_with("--config: "));
}

TEST_CASE("A key or table that is not there is refused with its line and those that are") {
  const Folder folder;
  check({
      {"\n[http]\npotr = 1\n",
       "3: there is no key potr in [http] (did you mean port?); it has host, port, inspectorPort, token, allowHosts, "
       "webDir, connectionsMax, requestTimeoutMs, idleTimeoutMs, writeTimeoutMs"},
      {"[notification]\nwindowMs = 1\n",
       "2: there is no key windowMs in [notification]; it has failRate, failMode, retryBackoffMs"},
      {"[htp]\n",
       "1: there is no table [htp] (did you mean http?); there are foodorder, http, bus, rest, notification"},
      {"port = 1\n", "1: port belongs below [http]"},
      {"speed = 1\n",
       "1: there is no key speed outside the tables, which are foodorder, http, bus, rest, notification"},
  });
}

TEST_CASE("A file's value of another type or out of range is refused with its line and what is allowed") {
  const Folder folder;
  check({
      {"[http]\n\nport = \"3001\"\n", "3: port in [http] must be an integer from 1 to 65535, not a string"},
      {"[http]\nport = 3001.0\n", "2: port in [http] must be an integer from 1 to 65535, not a float"},
      {"[http]\nport = 65536\n", "2: port in [http] must be an integer from 1 to 65535, not \"65536\""},
      {"[http]\nallowHosts = \"a\"\n",
       "2: allowHosts in [http] must be a list of strings, each a host name, not a string"},
      {"[http]\nallowHosts = [1]\n",
       "2: allowHosts in [http] must be a list of strings, each a host name, not an array"},
      {"[foodorder]\nreplay = 1\n", "2: replay in [foodorder] must be true or false, not an integer"},
      {"[foodorder]\nmodules = 2026-02-05\n",
       "2: modules in [foodorder] must be a list such as order,notification:2 of order, "
       "notification, fraud, each at most once, with 1 to 16 instances, not a date or time"},
      {"[notification]\nfailRate = 1.5\n", "2: failRate in [notification] must be a number from 0 to 1, not \"1.5\""},
      {"[notification]\nfailRate = inf\n", "2: failRate in [notification] must be a number from 0 to 1, not \"inf\""},
      {"[notification]\nfailMode = \"later\"\n",
       "2: failMode in [notification] must be one of dlq, drop, not \"later\""},
      {"[bus]\nretentionBytes = 1\n",
       "2: retentionBytes in [bus] must be an integer from 1048576 to 1099511627776, not \"1\""},
      {"[bus.more]\na = 1\n", "1: there is no key more in [bus]; it has retentionBytes, sessionTimeoutMs"},
  });
}

TEST_CASE("A file that is no TOML, or says a thing twice, is refused with line and column") {
  const Folder folder;
  CHECK(refused({{}, {}, "[http]\nport = \n"}).starts_with("my.toml:2:8: "));
  CHECK(refused({{}, {}, "[http\n"}).starts_with("my.toml:1:6: "));
  CHECK(refused({{}, {}, "[http]\nport = 1\nport = 2\n"}).starts_with("my.toml:3:"));
  CHECK(refused({{}, {}, "[http]\n[http]\n"}).starts_with("my.toml:2:"));
}

TEST_CASE("What does not go together is refused") {
  const Folder folder;
  CHECK(refused({{"--instance-id=a"}, {}, {}}) ==
        "--instance-id needs a single instance, such as --modules=fraud (instanceId: flag --instance-id; modules: "
        "default)");
  CHECK(refused({{"--instance-id=a", "--modules=fraud:2"}, {}, {}}) ==
        "--instance-id needs a single instance, such as --modules=fraud (instanceId: flag --instance-id; modules: "
        "flag --modules)");
  CHECK(refused({{}, {{"PORT", "8080"}}, {}}) ==
        "--port and --inspector-port are both 8080: choose another for one (port: environment PORT; inspectorPort: "
        "default)");
  CHECK(accepted({{"--port=8080", "--inspector-port=0"}, {}, {}}).port == 8080);
}
