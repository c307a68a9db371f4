#pragma once

#include "foodorder/base/wait.hpp"

namespace foodorder {

/// Unlocks a mutex that its maker holds at the end of its scope, which may be an exception:
///     co_await mutex.lock();
///     const MutexHold hold(mutex);
class MutexHold {
 public:
  explicit MutexHold(AsyncMutex& held) noexcept : mutex_(held) {}
  ~MutexHold() { mutex_.unlock(); }
  MutexHold(const MutexHold&) = delete;
  MutexHold& operator=(const MutexHold&) = delete;

 private:
  AsyncMutex& mutex_;
};

}  // namespace foodorder
