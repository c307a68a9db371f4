#pragma once

#include "scheduler.hpp"

#include <boost/asio/co_spawn.hpp>
#include <optional>

namespace foodorder::simulation {

/// Runs a task on `own`, and what `other` has to do for it, and nothing else.
template <class T>
T run_task(Scheduler& scheduler, Scheduler::Actor own, Scheduler::Actor other, Task<T> task) {
  std::optional<T> result;
  asio::co_spawn(scheduler.executor(own), std::move(task), [&](std::exception_ptr failure, T value) {
    if (failure) std::rethrow_exception(failure);
    result.emplace(std::move(value));
  });
  scheduler.run_only(own);
  while (!result && other != own) {
    scheduler.run_only(other);
    scheduler.run_only(own);
  }
  return std::move(result.value());
}

}  // namespace foodorder::simulation
