#pragma once

#include "foodorder/base/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace foodorder::audit {

/// What the trail keeps of one event.
struct Entry {
  std::string source;
  std::string action;
  std::string order_id;
};

/// Reads a body of `audit`; `source`, `action` and `orderId` must be strings.
Result<Entry> parse_entry(std::string_view body);

/// One line of JSON: what users typed cannot break it. `at` says where the event stands, "audit-0-17".
std::string log_line(const Entry& entry, std::string_view at);

/// Events by source and action. Beyond `kinds_max` of them the rest counts as "other". Pure.
class Counts {
 public:
  static constexpr std::size_t kinds_max = 100;

  void add(const Entry& entry);
  /// By "source action".
  [[nodiscard]] const std::map<std::string, std::int64_t, std::less<>>& all() const noexcept { return counts_; }

 private:
  std::map<std::string, std::int64_t, std::less<>> counts_;
};

}  // namespace foodorder::audit
