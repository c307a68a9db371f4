#pragma once

#include "connection.hpp"
#include "database/service_tables.hpp"

namespace foodorder::database {

// What single services write and read. Each write is a part of one transaction, which its caller begins and commits.

/// False if it is there already.
bool log_event(Connection& connection, const LoggedEvent& event);
/// False if it was added before.
bool add_notification(Connection& connection, const OrderWrite& write);
void set_told(Connection& connection, std::int64_t next);

std::vector<JournalRow> read_journal(Connection& connection, std::int64_t from, std::size_t rows_max);
bool knows_key(Connection& connection, const std::string& order_id);
std::int64_t told(Connection& connection);

}  // namespace foodorder::database
