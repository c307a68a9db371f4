#pragma once

#include "connection.hpp"
#include "foodorder/base/json.hpp"

namespace foodorder::database {

// The figures of the services that this architecture does not have, by SQL.

/// As analytics reports them.
json::object statistics(Connection& connection, Timestamp now);
/// As fraud reports them, and how many orders were blocked.
json::object fraud_figures(Connection& connection, Timestamp now, Duration window);

}  // namespace foodorder::database
