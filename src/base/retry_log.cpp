#include "foodorder/base/retry_log.hpp"

#include "foodorder/base/log.hpp"

namespace foodorder {

void RetryLog::failed(const Error& why) {
  const bool of_the_bus =
      why.code == Errc::unavailable || why.code == Errc::outcome_unknown || why.code == Errc::queue_full;
  if (failing_ && (warned_ || of_the_bus)) return;
  failing_ = true;
  warned_ = !of_the_bus;
  const auto level = of_the_bus ? log::Level::info : log::Level::warn;
  if (log::enabled(level)) log::write(level, fmt::format("{}: {}; trying again until it works", what_, why.message));
}

void RetryLog::worked() {
  if (!std::exchange(failing_, false)) return;
  const auto level = std::exchange(warned_, false) ? log::Level::warn : log::Level::info;
  if (log::enabled(level)) log::write(level, fmt::format("{}: works again", what_));
}

}  // namespace foodorder
