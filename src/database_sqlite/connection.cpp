#include "connection.hpp"

#include <sqlite3.h>

namespace foodorder::database {

bool Connection::in_autocommit() { return sqlite3_get_autocommit(database_.getHandle()) != 0; }

SQLite::Statement& Connection::prepared(const char* sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return known->second;
  return statements_.emplace(sql, SQLite::Statement(database_, sql)).first->second;
}

}  // namespace foodorder::database
