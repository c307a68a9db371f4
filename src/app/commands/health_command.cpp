#include "health_command.hpp"

#include "command.hpp"

#include <fmt/format.h>
#include <cstdlib>
#include <stdexcept>

namespace foodorder {

int ask_health(app::Client& client) {
  try {
    client.get("/readyz");
    fmt::print("ready\n");
    return EXIT_SUCCESS;
  } catch (const app::OutOfReach& error) {
    fmt::print("not ready: {}\n", error.what());
    return app::out_of_reach_status;
  } catch (const std::runtime_error& error) {
    fmt::print("not ready: {}\n", error.what());
    return EXIT_FAILURE;
  }
}

}  // namespace foodorder
