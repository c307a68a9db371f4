#include "app.hpp"
#include "builtin_modules.hpp"
#include "commands/command.hpp"
#include "config/config.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/base/utf8.hpp"
#include "plugins.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <system_error>

namespace {

using namespace foodorder;

constexpr int usage_error = 2;
constexpr std::size_t line_max_bytes = 2000;  // of an error, which repeats what the user wrote

/// Who reads no further has read enough: a write fails, and nothing ends the program. What was closed by who started us
/// is open to nothing, or the first socket would get the log.
void guard_standard_streams() {
  std::signal(SIGPIPE, SIG_IGN);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(descriptor, F_GETFD) == -1) static_cast<void>(::open("/dev/null", O_RDWR));
}

std::vector<ModuleKind> with_plugins(const Invocation& start) {
  try {
    return all_modules(builtin_modules(), start.plugins);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("{} (plugins: {})", error.what(), start.plugins_origin));
  }
}

int serve(const Config& config, std::span<const ModuleKind> kinds) {
  const log::Background background;
  try {
    return App(config, kinds).run();
  } catch (const std::exception& error) {
    log::print_error(fmt::format("foodorder: {}", error.what()));
    return usage_error;
  }
}

int run(const std::vector<std::string>& arguments) {
  const auto environment = [](const char* name) -> const char* { return std::getenv(name); };
  const Invocation start = read_invocation(arguments, environment, builtin_modules());
  const auto kinds = with_plugins(start);
  const ParsedConfig parsed = parse_config(start, kinds);
  if (const auto* text = std::get_if<PrintAndExit>(&parsed)) return fmt::print("{}", text->text), EXIT_SUCCESS;
  if (const auto* error = std::get_if<ConfigError>(&parsed))
    throw std::runtime_error(shortened(error->line, line_max_bytes));
  if (const auto* request = std::get_if<CommandRequest>(&parsed)) return run_command(*request);
  return serve(std::get<Config>(parsed), kinds);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    guard_standard_streams();
    const int status = run({argv + 1, argv + argc});
    if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category(), "standard output");
    return status;
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::broken_pipe) return EXIT_SUCCESS;
    log::print_error(fmt::format("foodorder: {}", error.what()));
  } catch (const app::OutOfReach& error) {
    log::print_error(fmt::format("foodorder: {}", error.what()));
    return app::out_of_reach_status;
  } catch (const app::NothingFound& error) {
    log::print_error(fmt::format("foodorder: {}", error.what()));
    return app::found_nothing_status;
  } catch (const std::exception& error) {
    log::print_error(fmt::format("foodorder: {}", error.what()));
  }
  return usage_error;
}
