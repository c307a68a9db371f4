#pragma once

#include "foodorder/runtime/event_body.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace foodorder::audit {

/// An event of the trail says who did what to which order.
bool is_complete(const EventHead& event) noexcept;

/// Events by source and action. Beyond `kinds_max` of them the rest counts as "other", and so do those with longer
/// names: the counts go to `module-status`, whatever foreign records say. Pure.
class Counts {
 public:
  static constexpr std::size_t kinds_max = 100;
  static constexpr std::size_t name_max_bytes = 64;

  /// A complete event.
  void add(const EventHead& event);
  /// By "source action".
  [[nodiscard]] const std::map<std::string, std::int64_t, std::less<>>& all() const noexcept { return counts_; }

 private:
  std::string kind_;  ///< of the event at hand: its memory serves the next one
  std::map<std::string, std::int64_t, std::less<>> counts_;
};

}  // namespace foodorder::audit
