#pragma once

#include "foodorder/http/http.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace foodorder::http {

/// The bytes that all bodies over a server's usual limit may have together.
class BodyBudget final {
 public:
  explicit BodyBudget(std::size_t bytes) noexcept : left_bytes_(bytes) {}

  [[nodiscard]] bool take(std::size_t bytes) noexcept {
    if (bytes > left_bytes_) return false;
    left_bytes_ -= bytes;
    return true;
  }
  void give_back(std::size_t bytes) noexcept { left_bytes_ += bytes; }

 private:
  std::size_t left_bytes_;
};

/// Bytes of a budget that one request holds; it gives them back when it ends.
class BodyShare final {
 public:
  explicit BodyShare(std::shared_ptr<BodyBudget> budget) noexcept : budget_(std::move(budget)) {}
  ~BodyShare() { give_back(); }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;

  /// False if the budget has no such room now. A request takes once.
  [[nodiscard]] bool take(std::size_t bytes) noexcept {
    if (!budget_ || !budget_->take(bytes)) return false;
    bytes_ = bytes;
    return true;
  }
  void give_back() noexcept {
    if (budget_) budget_->give_back(std::exchange(bytes_, 0));
  }
  [[nodiscard]] bool taken() const noexcept { return bytes_ > 0; }

 private:
  std::shared_ptr<BodyBudget> budget_;
  std::size_t bytes_ = 0;
};

/// What the body of a request may have, or why the server does not take one that large from this client.
struct BodyAllowance {
  explicit BodyAllowance(std::size_t most) : max_bytes(most) {}
  explicit BodyAllowance(Response answer) : refused(std::move(answer)) {}

  std::size_t max_bytes = 0;
  std::optional<Response> refused;
};

}  // namespace foodorder::http
