#include "config_start.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <array>

using namespace foodorder;
using namespace foodorder::test;

namespace {

std::string print_config(Start start) {
  start.flags.emplace_back("--print-config");
  return printed(start);
}

std::string single_spaced(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  text.erase(std::unique(text.begin(), text.end(), [](char a, char b) { return a == ' ' && b == ' '; }), text.end());
  return text;
}

/// The line of a key in what --print-config prints, its runs of spaces made one.
std::string line_of(const std::string& text, const std::string& key) {
  std::size_t begin = text.find("\n" + key + " = ");
  if (begin == std::string::npos) begin = text.find("\n# " + key + " = ");
  if (begin == std::string::npos) return "no line of " + key;
  return single_spaced(text.substr(begin + 1, text.find('\n', begin + 1) - begin - 1));
}

/// An option in each way that it can be given, with values other than its default.
struct Way {
  std::string key;
  std::string toml_default;
  std::string flag;      ///< with its value
  std::string variable;  ///< empty: it has none
  std::string text;      ///< in the environment
  std::string toml;      ///< in the file
  std::string section = "foodorder";
};

const std::vector<Way>& ways() {
  static const std::vector<Way> all = {
      {"architecture", R"("events")", "--architecture=monolith", "ARCHITECTURE", "rest", R"("monolith")"},
      {"database", R"("sqlite:data/foodorder.db")", "--database=sqlite:a", "DATABASE", "sqlite:b", R"("sqlite:c")"},
      {"durability", R"("process")", "--durability=power", "DURABILITY", "power", R"("power")"},
      {"fraudQuery", R"("indexed")", "--fraud-query=scan", "FRAUD_QUERY", "counted", R"("scan")"},
      {"onFraudDown", R"("reject")", "--on-fraud-down=accept", "ON_FRAUD_DOWN", "accept", R"("accept")"},
      {"outbox", R"("off")", "--outbox=on", "OUTBOX", "on", R"("on")"},
      {"brokers", R"("localhost:29092")", "--brokers=a:1", "KAFKA_BROKER", "b:2", R"("c:3")"},
      {"modules", R"("order,notification:2,fraud")", "--modules=order", "MODULES", "order,fraud:16",
       R"("notification:3")"},
      {"instanceId", R"("")", "--instance-id=a", "INSTANCE_ID", "b.2", R"("c_3")"},
      {"replay", "false", "--replay", "REPLAY", "1", "true"},
      {"seed", "0", "--seed=1", "SEED", "2", "9223372036854775807"},
      {"logLevel", R"("warn")", "--log-level=debug", "LOG_LEVEL", "info", R"("error")"},
      {"host", R"("127.0.0.1")", "--host=0.0.0.0", "HOST", "::1", R"("localhost")", "http"},
      {"port", "3001", "--port=1", "PORT", "2", "65535", "http"},
      {"inspectorPort", "8080", "--inspector-port=0", "INSPECTOR_PORT", "2", "65535", "http"},
      {"allowHosts", "[]", "--allow-host=a", "ALLOW_HOST", "b,c", R"(["d", "e"])", "http"},
      {"webDir", R"("")", "--web-dir=a", "WEB_DIR", "b", R"("web")", "http"},
      {"connectionsMax", "4096", "", "", "", "7", "http"},
      {"requestTimeoutMs", "15000", "", "", "", "100", "http"},
      {"idleTimeoutMs", "60000", "", "", "", "100", "http"},
      {"writeTimeoutMs", "15000", "", "", "", "100", "http"},
      {"retentionBytes", "268435456", "", "", "", "1048576", "bus"},
      {"sessionTimeoutMs", "10000", "", "", "", "1000", "bus"},
      {"fraudUrl", R"("")", "--fraud-url=http://a", "FRAUD_URL", "http://b:2/", R"("http://[::1]:3")", "rest"},
      {"notificationUrl", R"("")", "--notification-url=http://a", "NOTIFICATION_URL", "http://b", R"("http://c")",
       "rest"},
      {"auditUrl", R"("")", "--audit-url=http://a", "AUDIT_URL", "http://b", R"("http://c")", "rest"},
      {"failRate", "0.3", "--fail-rate=0", "FAIL_RATE", "1", "0.25", "notification"},
      {"failMode", R"("dlq")", "--fail-mode=drop", "FAIL_MODE", "drop", R"("drop")", "notification"},
      {"retryBackoffMs", "200", "", "", "", "0", "notification"},
  };
  return all;
}

/// So that any other option may be given: a single instance has an id.
Start with_modules(const Way& way) {
  Start start;
  if (way.key == "instanceId") start.flags.emplace_back("--modules=fraud");
  return start;
}

std::string as_toml(const Way& way, const std::string& text) {
  if (way.key == "allowHosts") return text == "b,c" ? R"(["b", "c"])" : fmt::format(R"(["{}"])", text);
  if (way.key == "replay") return "true";
  if (way.key == "failRate") return text + ".0";
  return way.toml.starts_with('"') ? fmt::format("\"{}\"", text) : text;
}

}  // namespace

TEST_CASE("Each option has its default, which --print-config tells") {
  const Folder folder;
  const std::string text = print_config({});
  for (const Way& way : ways()) {
    const bool unset = way.toml_default == "\"\"";
    CHECK(line_of(text, way.key) == (unset ? fmt::format("# {} = # default", way.key)
                                           : fmt::format("{} = {} # default", way.key, way.toml_default)));
  }
  CHECK(line_of(text, "bus") == R"(bus = "memory" # default)");
  CHECK(line_of(text, "processingGuarantee") == R"(processingGuarantee = "at_least_once" # default)");
  CHECK(line_of(text, "librdkafka") == "librdkafka = [] # default");
  CHECK(line_of(text, "plugins") == "plugins = [] # default");
  // Nothing is left that this test does not know.
  CHECK(std::count(text.begin(), text.end(), '=') == static_cast<std::ptrdiff_t>(ways().size()) + 5);
}

TEST_CASE("Each option is taken from the file, the environment and a flag, the later before the earlier") {
  const Folder folder;
  for (const Way& way : ways()) {
    INFO(way.key);
    Start start = with_modules(way);
    start.file = fmt::format("\n[{}]\n{} = {}\n", way.section, way.key, way.toml);
    if (way.key == "modules") start.flags.clear();
    CHECK(line_of(print_config(start), way.key) == fmt::format("{} = {} # file my.toml:3", way.key, way.toml));
    if (way.flag.empty()) continue;
    start.environment[way.variable] = way.text;
    CHECK(line_of(print_config(start), way.key) ==
          fmt::format("{} = {} # environment {}", way.key, as_toml(way, way.text), way.variable));
    start.flags.push_back(way.flag);
    const std::string name = way.flag.substr(0, way.flag.find('='));
    CHECK(line_of(print_config(start), way.key) ==
          fmt::format("{} = {} # flag {}", way.key, as_toml(way, way.flag.substr(way.flag.find('=') + 1)), name));
  }
}

TEST_CASE("A flag's value may stand behind a space, and serve may be said") {
  const Folder folder;
  const Config config = accepted({{"serve", "--port", "4000", "--fail-rate", "0.5"}, {}, {}});
  CHECK(config.port == 4000);
  CHECK(config.settings.at("notification").number("failRate") == 0.5);
}

TEST_CASE("A repeatable flag adds up") {
  const Folder folder;
  const Config config = accepted({{"--allow-host=a", "--allow-host", "b"}, {{"ALLOW_HOST", "c"}}, {}});
  CHECK(config.allow_hosts == std::vector<std::string>{"a", "b"});
}

TEST_CASE("Words are taken in any case, and lists with blanks around their commas") {
  const Folder folder;
  const Start loud{{},
                   {{"LOG_LEVEL", "INFO"},
                    {"REPLAY", "TRUE"},
                    {"BUS", "Memory"},
                    {"FAIL_MODE", "DROP"},
                    {"MODULES", " Order , notification:2 "},
                    {"ALLOW_HOST", "a , b"},
                    {"KAFKA_BROKER", "a:1, [::1]:2 ,SSL://c:3"},
                    {"TOKEN", "None"}},
                   {}};
  const Config config = accepted(loud);
  CHECK(config.log_level == "info");
  CHECK(config.replay);
  CHECK(config.bus == "memory");
  CHECK(config.settings.at("notification").text("failMode") == "drop");
  CHECK(config.modules == std::vector<ModuleChoice>{{"order", 1}, {"notification", 2}});
  CHECK(config.allow_hosts == std::vector<std::string>{"a", "b"});
  CHECK(config.brokers == "a:1,[::1]:2,SSL://c:3");
  CHECK(config.token == "none");
  CHECK(accepted({{"--log-level=Debug", "--allow-host=a, b"}, {}, {}}).log_level == "debug");
  CHECK(accepted({{}, {}, "[foodorder]\nlogLevel = \"INFO\"\n"}).log_level == "info");
}

TEST_CASE("A variable that is set to nothing counts as not set") {
  const Folder folder;
  Start start;
  start.environment["FOODORDER_CONFIG"] = "";
  for (const Way& way : ways())
    if (!way.variable.empty()) start.environment[way.variable] = "";
  for (const char* variable : {"BUS", "PROCESSING_GUARANTEE", "TOKEN"}) start.environment[variable] = "";
  const std::string text = print_config(start);
  CHECK(text.find("environment") == std::string::npos);
  CHECK_FALSE(accepted({{"--modules=fraud"}, {{"PORT", ""}}, {}}).serves_http());
}

TEST_CASE("A configuration file is read once, from front to back") {
  const Folder folder;
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const std::string text = "[http]\nport = 5000\n";
  REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  ::close(ends[1]);
  const std::string path = fmt::format("/dev/fd/{}", ends[0]);  // as a shell writes <(...)
  const Config config = accepted({{"--config=" + path}, {}, {}});
  ::close(ends[0]);
  CHECK(config.port == 5000);
  CHECK(config.origins.at("port") == fmt::format("file {}:2", path));
}

TEST_CASE("What --print-config prints is a file that means the same") {
  const Folder folder;
  Start start{{"--port=4000", "--modules=order,notification:3", "--fail-mode=drop", "--brokers=a\"b\\c"}, {}, {}};
  const std::string first = print_config(start);
  const std::string second = print_config({{}, {}, first});
  for (const Way& way : ways()) {
    const std::string line = line_of(first, way.key);
    CHECK(line_of(second, way.key).substr(0, line.find(" # ")) == line.substr(0, line.find(" # ")));
  }
}

TEST_CASE("Secrets are hidden, and a hidden one is not taken for a value") {
  const Folder folder;
  const std::string text = print_config(
      {{"--token=hunter2", "-X", "sasl.username=me", "-X", "sasl.password=hunter2", "-X", "ssl.key.pem=hunter2"},
       {},
       {}});
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(line_of(text, "token") == R"(# token = "***" # flag --token)");
  CHECK(line_of(text, "librdkafka") ==
        R"(# librdkafka = ["sasl.username=me", "sasl.password=***", "ssl.key.pem=***"] # flag -X)");
  CHECK(line_of(print_config({{"-X", "linger.ms=1"}, {}, {}}), "librdkafka") ==
        R"(librdkafka = ["linger.ms=1"] # flag -X)");
}

TEST_CASE("The usual file is read if it is there, and one that is asked for comes in its place") {
  const Folder folder;
  CHECK(accepted({}).port == 3001);
  Folder::write("config/foodorder.toml", "[http]\nport = 5000\n");
  CHECK(accepted({}).port == 5000);
  Folder::write("by_variable.toml", "[http]\nport = 6000\n");
  CHECK(accepted({{}, {{"FOODORDER_CONFIG", "by_variable.toml"}}, {}}).port == 6000);
  CHECK(accepted({{}, {{"FOODORDER_CONFIG", "by_variable.toml"}}, "[http]\nport = 7000\n"}).port == 7000);
}

TEST_CASE("A fraud process of its own that is to replay does only that, and serves nothing") {
  const Folder folder;
  const Config alone = accepted({{"--modules=fraud"}, {{"REPLAY", "true"}, {"PORT", "5000"}}, {}});
  CHECK(alone.only_replays());
  CHECK_FALSE(alone.serves_http());
  CHECK_FALSE(alone.serves_inspector());
  CHECK_FALSE(accepted({{"--modules=fraud"}, {}, {}}).only_replays());
  CHECK_FALSE(accepted({{"--modules=fraud,order", "--replay"}, {}, {}}).only_replays());
  CHECK_FALSE(accepted({{"--modules=order", "--replay"}, {}, {}}).only_replays());
}

TEST_CASE("A process without order serves HTTP only if this start gives a port") {
  const Folder folder;
  const std::string file = "[http]\nport = 5000\ninspectorPort = 5001\n";
  CHECK(accepted({}).serves_http());
  CHECK(accepted({}).serves_inspector());
  CHECK_FALSE(accepted({{"--inspector-port=0"}, {}, {}}).serves_inspector());
  const Config fraud = accepted({{"--modules=fraud"}, {}, file});
  CHECK_FALSE(fraud.serves_http());
  CHECK_FALSE(fraud.serves_inspector());
  CHECK(accepted({{"--modules=fraud"}, {{"PORT", "5000"}}, {}}).serves_http());
  CHECK(accepted({{"--modules=fraud", "--port=5000"}, {}, {}}).serves_inspector());
  CHECK(accepted({{"--modules=fraud", "--inspector-port=5001"}, {}, {}}).serves_inspector());
  CHECK_FALSE(accepted({{"--modules=fraud", "--inspector-port=5001"}, {}, {}}).serves_http());
}

TEST_CASE("Help names every flag, its default and its variable, in lines that fit a terminal") {
  const Folder folder;
  const std::string text = printed({{"--help"}, {}, {}});
  for (const Way& way : ways()) {
    if (way.flag.empty()) continue;
    INFO(way.flag);
    CHECK(text.find("\n  " + way.flag.substr(0, way.flag.find('='))) != std::string::npos);
    CHECK(text.find(way.variable + "]") != std::string::npos);
  }
  for (const char* flag : {"--bus=", "-X ", "--plugin=", "--token=", "--config=", "--print-config", "--version"})
    CHECK(text.find(std::string("\n  ") + flag) != std::string::npos);
  CHECK(text.find("[0.3, FAIL_RATE]") != std::string::npos);
  for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) {
    const std::string line = text.substr(begin, text.find('\n', begin) - begin);
    INFO(line);
    CHECK(line.size() <= 100);
    CHECK(!line.ends_with(' '));
  }
  CHECK(printed({{"--version"}, {}, {}}).starts_with("foodorder "));
}

TEST_CASE("The command status reads from the bus that flags and environment name, or through a program's URL") {
  const Folder folder;
  const auto asked = [](const Start& start) { return std::get<CommandRequest>(parse(start)); };
  const CommandRequest plain = asked({{"status"}, {{"BUS", "kafka"}, {"KAFKA_BROKER", "far:1"}}, {}});
  CHECK(plain.config.bus == "kafka");
  CHECK(plain.config.brokers == "far:1");
  CHECK(plain.url.empty());
  CHECK_FALSE(plain.call.has("--json"));
  const CommandRequest other = asked({{"status", "--json", "--brokers=near:2", "--url=http://localhost:1"}, {}, {}});
  CHECK(other.config.brokers == "near:2");
  CHECK(other.url == "http://localhost:1");
  CHECK(other.call.has("--json"));
  CHECK(refused({{"--json"}, {}, {}}).starts_with("there is no option --json"));
}

TEST_CASE("The commands verify and health ask the program of this configuration, unless a URL is given") {
  const Folder folder;
  const auto url_of = [](const Start& start) { return std::get<CommandRequest>(parse(start)).url; };
  CHECK(url_of({{"verify"}, {}, {}}) == "http://127.0.0.1:3001");
  CHECK(url_of({{"health"}, {{"PORT", "4001"}}, {}}) == "http://127.0.0.1:4001");
  CHECK(url_of({{"verify", "--port=4002"}, {}, {}}) == "http://127.0.0.1:4002");
  CHECK(url_of({{"health"}, {}, "[http]\nport = 4003\n"}) == "http://127.0.0.1:4003");
  CHECK(url_of({{"health", "--url=http://far:1"}, {{"PORT", "4001"}}, {}}) == "http://far:1");
  for (const auto& [host, url] : {std::pair("0.0.0.0", "http://127.0.0.1:3001"),
                                  {"::", "http://127.0.0.1:3001"},
                                  {"::1", "http://[::1]:3001"},
                                  {"10.0.0.5", "http://10.0.0.5:3001"}})
    CHECK(url_of({{"health"}, {{"HOST", host}}, {}}) == url);
}
