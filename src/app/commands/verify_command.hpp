#pragma once

#include "client.hpp"

namespace foodorder {

/// `foodorder verify`: reads the log of a running program through its REST API and prints what is wrong with it, its
/// progress on standard error. Gives the exit status: 0 all right, 1 violations. Throws std::runtime_error where the
/// program is not in reach.
int verify_program(app::Client& client);

}  // namespace foodorder
