#pragma once

#include "client.hpp"
#include "config/config.hpp"

namespace foodorder {

/// `foodorder status`: reads the topic order-status from its beginning, as any new service would, and prints what it
/// then knows. Gives the exit status. Throws std::runtime_error, one line, where there is nothing to read from.
int show_statuses(const CommandRequest& request, app::Client& client);

}  // namespace foodorder
