#pragma once

#include "database/service_tables.hpp"
#include "foodorder/base/clock.hpp"

#include <memory>
#include <string>

namespace foodorder {

struct SqliteOptions {
  std::string file;                       ///< ":memory:" for one that ends with the store
  bool survives_power = false;            ///< an acknowledgement survives a loss of power, not only kill -9
  std::string fraud_query = "indexed";    ///< "scan", "indexed" or "counted"
  std::string architecture = "monolith";  ///< whose file it is
  std::string new_log_id;                 ///< of a file that is made now
  bool own_threads = true;                ///< false: works on the loop
  std::size_t queue_max = 4'096;
  std::int64_t pages_max = 0;  ///< of the file; 0: no limit
  /// Of several stores whose logs are read as one; null: its own.
  std::shared_ptr<database::Signals> signals;
};

/// Opens or makes the file. Throws std::runtime_error with one line that says what is in the way. Two threads work for
/// it: one writes, all that waits in one commit; one reads, on a connection of its own.
std::unique_ptr<database::Store> make_sqlite_store(Executor loop, Clock& clock, SqliteOptions options);
std::unique_ptr<database::ServiceStore> make_sqlite_service_store(Executor loop, Clock& clock, SqliteOptions options);

}  // namespace foodorder
