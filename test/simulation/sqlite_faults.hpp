#pragma once

#include "random.hpp"

#include <cstdint>
#include <functional>
#include <string>

struct sqlite3;

namespace foodorder::simulation {

/// Faults inside SQLite itself, and a look at the tables past the code that is tested. It takes hold of the connection
/// that is opened while `open` runs: the store needs no door for it.
class SqliteFaults {
 public:
  SqliteFaults(std::uint64_t seed, const std::function<void()>& open);
  ~SqliteFaults();
  SqliteFaults(const SqliteFaults&) = delete;
  SqliteFaults& operator=(const SqliteFaults&) = delete;

  struct Chances {
    double fail_commit = 0;  ///< nothing is written then
    double interrupt = 0;    ///< at each 200 steps of a statement
    double refuse_row = 0;   ///< of the tables of jobs and keys, as if the schema did
  };
  void set(const Chances& chances) noexcept { chances_ = chances; }
  /// The file must not grow.
  void fill_disk(bool full);
  /// While it is off, nothing fails.
  void mute(bool muted) noexcept { muted_ = muted; }

  /// Calls back when a lease that has not ended is given to another; `now` is micros since 1970.
  void watch_leases(std::function<std::int64_t()> now, std::function<void(std::string)> stolen);

  /// Rows that were written so far, those of transactions that failed among them.
  [[nodiscard]] std::uint64_t changes() const;
  /// The first column of the first row.
  [[nodiscard]] std::int64_t number(const std::string& sql) const;

 private:
  void refuse_rows();
  void run(const std::string& sql) const;

  Random random_;
  sqlite3* handle_ = nullptr;
  bool muted_ = false;
  Chances chances_;
  std::function<std::int64_t()> now_;
  std::function<void(std::string)> stolen_;
};

}  // namespace foodorder::simulation
