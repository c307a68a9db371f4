#pragma once

#include "client.hpp"

namespace foodorder {

/// `foodorder health`: asks a running program's /readyz and prints one line, ready or why not. Gives the exit status,
/// for a container's health check: 0 ready, 1 not, or not in reach.
int ask_health(app::Client& client);

}  // namespace foodorder
