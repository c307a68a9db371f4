#include "app.hpp"
#include "builtin_modules.hpp"
#include "config/config.hpp"
#include "health_command.hpp"
#include "plugins.hpp"
#include "status_command.hpp"
#include "verify_command.hpp"

#include <fmt/format.h>
#include <cstdlib>
#include <exception>

int main(int argc, char** argv) {
  using namespace foodorder;
  constexpr int usage_error = 2;
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const auto environment = [](const char* name) -> const char* { return std::getenv(name); };
    const auto kinds = all_modules(builtin_modules(), plugin_files(arguments, environment, builtin_modules()));
    const ParsedConfig parsed = parse_config(arguments, environment, kinds);
    if (const auto* text = std::get_if<PrintAndExit>(&parsed)) return fmt::print("{}", text->text), EXIT_SUCCESS;
    if (const auto* error = std::get_if<ConfigError>(&parsed)) throw std::runtime_error(error->line);
    if (const auto* request = std::get_if<VerifyRequest>(&parsed)) return verify_program(*request);
    if (const auto* request = std::get_if<HealthRequest>(&parsed)) return ask_health(*request);
    if (const auto* request = std::get_if<StatusRequest>(&parsed)) return show_statuses(*request);
    return App(std::get<Config>(parsed), kinds).run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "foodorder: {}\n", error.what());
    return usage_error;
  }
}
