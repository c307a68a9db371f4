#include "config_start.hpp"

#include <cstdlib>
#include <fstream>

namespace foodorder::test {

namespace {

ModuleKind named(std::string name) {
  ModuleKind kind;
  kind.name = std::move(name);
  return kind;
}

std::vector<ModuleKind> some_kinds() {
  ModuleKind notification = named("notification");
  notification.instances = 2;
  notification.settings = {
      SettingSpec::number("failRate", 0.3, 0, 1, "how many fail").with_flag("--fail-rate", "FAIL_RATE"),
      SettingSpec::choice("failMode", "dlq", {"dlq", "drop"}, "what follows").with_flag("--fail-mode", "FAIL_MODE"),
      SettingSpec::integer("retryBackoffMs", 200, 0, 60'000, "how long a retry waits")};
  return {named("order"), std::move(notification), named("fraud")};
}

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "foodorder-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()));
  path_ = name;
  std::filesystem::current_path(path_);
}

Folder::~Folder() {
  std::filesystem::current_path(before_);
  std::filesystem::remove_all(path_);
}

void Folder::write(const std::filesystem::path& name, const std::string& text) {
  if (name.has_parent_path()) std::filesystem::create_directories(name.parent_path());
  std::ofstream(name) << text;
}

ParsedConfig parse(const Start& start) {
  static const std::vector<ModuleKind> kinds = some_kinds();
  std::vector<std::string> flags = start.flags;
  if (start.file) {
    Folder::write("my.toml", *start.file);
    flags.emplace_back("--config=my.toml");
  }
  const auto environment = [&](const char* name) -> const char* {
    const auto found = start.environment.find(name);
    return found == start.environment.end() ? nullptr : found->second.c_str();
  };
  return parse_config(read_invocation(flags, environment, kinds), kinds);
}

Config accepted(const Start& start) {
  ParsedConfig parsed = parse(start);
  if (const auto* error = std::get_if<ConfigError>(&parsed)) FAIL(error->line);
  REQUIRE(std::holds_alternative<Config>(parsed));
  return std::get<Config>(std::move(parsed));
}

std::string printed(const Start& start) {
  const ParsedConfig parsed = parse(start);
  if (const auto* error = std::get_if<ConfigError>(&parsed)) FAIL(error->line);
  REQUIRE(std::holds_alternative<PrintAndExit>(parsed));
  return std::get<PrintAndExit>(parsed).text;
}

std::string refused(const Start& start) {
  const ParsedConfig parsed = parse(start);
  REQUIRE(std::holds_alternative<ConfigError>(parsed));
  const std::string& line = std::get<ConfigError>(parsed).line;
  CHECK(line.find('\n') == std::string::npos);
  return line;
}

}  // namespace foodorder::test
