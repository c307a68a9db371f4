#pragma once

#include "foodorder/base/wait.hpp"

#include <cstddef>
#include <memory>
#include <utility>

namespace foodorder::order {

/// The requests that are being answered: a module that stops answers them first.
class OpenRequests {
  struct State {
    std::size_t open = 0;
    AsyncEvent ended;
  };

 public:
  /// One request, for as long as this lives.
  class Request {
   public:
    explicit Request(std::shared_ptr<State> state) : state_(std::move(state)) { ++state_->open; }
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
    ~Request() {
      --state_->open;
      state_->ended.set();
    }

   private:
    std::shared_ptr<State> state_;
  };

  [[nodiscard]] Request begin() const { return Request(state_); }

  /// Completes when there is none, or when `limit` has passed.
  Task<> finish(Clock& clock, Duration limit);

 private:
  // Shared with each request: one that is dropped after a crash may outlive the module by a moment.
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace foodorder::order
