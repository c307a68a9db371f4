#pragma once

#include "foodorder/base/time.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace foodorder::database {

/// A connection and its prepared statements. One thread uses it.
class Connection {
 public:
  Connection(const std::string& file, int flags) : database_(file, flags, busy_timeout_ms) {}

  [[nodiscard]] SQLite::Database& database() noexcept { return database_; }
  /// True outside of a transaction, which SQLite may have ended by itself.
  [[nodiscard]] bool in_autocommit();

  /// `sql` is a literal: its address is its name.
  SQLite::Statement& prepared(const char* sql);

 private:
  // Another process may hold the write lock for one commit.
  static constexpr int busy_timeout_ms = 2'000;

  SQLite::Database database_;
  std::unordered_map<const char*, SQLite::Statement> statements_;  // they go before the database
};

/// One run of a prepared statement. It is reset at the end: what is not holds up checkpoints.
class Query {
 public:
  template <class... Values>
  Query(Connection& connection, const char* sql, const Values&... values) : statement_(connection.prepared(sql)) {
    int index = 0;
    (bind(++index, values), ...);
  }
  ~Query() {
    statement_.tryReset();
    statement_.clearBindings();
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// The next row; false at the end.
  bool next() { return statement_.executeStep(); }
  /// Runs to the end. Gives the rows that were changed.
  int run() { return statement_.exec(); }

  [[nodiscard]] std::int64_t number(int column) const { return statement_.getColumn(column).getInt64(); }
  [[nodiscard]] double real(int column) const { return statement_.getColumn(column).getDouble(); }
  [[nodiscard]] std::string text(int column) const { return statement_.getColumn(column).getString(); }
  [[nodiscard]] Timestamp time(int column) const { return Timestamp(Duration(number(column))); }
  [[nodiscard]] bool is_null(int column) const { return statement_.getColumn(column).isNull(); }

 private:
  void bind(int index, std::int64_t value) { statement_.bind(index, value); }
  void bind(int index, int value) { statement_.bind(index, value); }
  void bind(int index, std::size_t value) { statement_.bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, const std::string& value) { statement_.bind(index, value); }
  void bind(int index, std::string_view value) { statement_.bind(index, std::string(value)); }
  void bind(int index, const char* value) { statement_.bind(index, value); }
  void bind(int index, Timestamp value) { statement_.bind(index, value.time_since_epoch().count()); }
  template <class Value>
  void bind(int index, const std::optional<Value>& value) {
    if (value)
      bind(index, *value);
    else
      statement_.bind(index);
  }

  SQLite::Statement& statement_;
};

/// The first column of the first row, 0 where there is none.
template <class... Values>
std::int64_t number_of(Connection& connection, const char* sql, const Values&... values) {
  Query query(connection, sql, values...);
  return query.next() ? query.number(0) : 0;
}

template <class... Values>
int execute(Connection& connection, const char* sql, const Values&... values) {
  Query query(connection, sql, values...);
  return query.run();
}

}  // namespace foodorder::database
