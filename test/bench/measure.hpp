#pragma once

#include "foodorder/base/ids.hpp"
#include "foodorder/base/time.hpp"
#include "foodorder/bus/record.hpp"
#include "foodorder/runtime/event_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// What the benchmarks share. Each prints one line a round, `row measured floor`, where floor is what the bare way of
// doing the same took in the same round; test/bench/table.py makes the medians and the ratios of them.

namespace foodorder::bench {

/// CPU time of the calling thread, user and system: it does not count what others did with the core meanwhile.
class CpuTimer {
 public:
  void start();
  void stop();
  [[nodiscard]] double seconds() const noexcept { return static_cast<double>(total_ns_) * 1e-9; }

 private:
  std::int64_t started_ns_ = 0;
  std::int64_t total_ns_ = 0;
};

/// Makes the records that the program writes to `orders`: the same body, key and headers.
class OrderRecords {
 public:
  OrderRecords();
  Record make();

 private:
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<IdSource> ids_;
  EventWriter events_;
  std::int64_t count_ = 0;
};

/// The value of such a record, of an order's JSON.
std::string created_event(std::string_view order);

void print_round(std::string_view row, double measured, double floor);

/// The whole number that follows `name` on the command line, or `otherwise`.
std::size_t argument(int count, char** arguments, std::string_view name, std::size_t otherwise);

}  // namespace foodorder::bench
