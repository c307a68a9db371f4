#pragma once

#include "foodorder/base/task.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <optional>
#include <utility>

namespace foodorder {

namespace detail {

/// A parked coroutine in the list of its execution context, which owns it until it is completed or dropped.
struct ParkedBase {
  virtual ~ParkedBase() = default;
  /// Destroys the waiting coroutine without running it.
  virtual void drop() noexcept = 0;

  std::shared_ptr<ParkedBase> self;
  ParkedBase* previous = nullptr;
  ParkedBase* next = nullptr;
};

/// All that waits in one execution context. Its shutdown, or a crash, destroys what is parked.
class ParkingLot final : public asio::execution_context::service {
 public:
  using key_type = ParkingLot;
  static asio::execution_context::id id;

  explicit ParkingLot(asio::execution_context& context) : service(context) {}

  void add(std::shared_ptr<ParkedBase> parked) noexcept;
  void remove(ParkedBase& parked) noexcept;
  void drop_all() noexcept;

 private:
  void shutdown() noexcept override { drop_all(); }

  ParkedBase* first_ = nullptr;
};

template <class T>
struct Parked : ParkedBase {
  virtual bool complete(T value) = 0;
  [[nodiscard]] virtual bool pending() const noexcept = 0;
};

template <class T, class Handler>
struct ParkedHandler final : Parked<T> {
  ParkedHandler(ParkingLot& owner, Handler waiting) : lot(owner), handler(std::move(waiting)) {}

  bool complete(T value) override {
    if (!handler) return false;
    Handler resumed = std::move(*handler);
    handler.reset();
    lot.remove(*this);
    auto executor = asio::get_associated_executor(resumed);
    asio::post(executor, [resumed = std::move(resumed), value = std::move(value)]() mutable {
      std::move(resumed)(std::move(value));
    });
    return true;
  }

  [[nodiscard]] bool pending() const noexcept override { return handler.has_value(); }

  void drop() noexcept override {
    // Reset only after the optional is empty: the frame's destructors may look at this node again.
    std::optional<Handler> doomed = std::move(handler);
    handler.reset();
  }

  ParkingLot& lot;
  std::optional<Handler> handler;
};

}  // namespace detail

/// The other end of park(): completes the waiting coroutine once. Cheap to copy; several holders may race (a
/// timer and a result), the first complete() wins, later ones do nothing. It may outlive the coroutine.
template <class T>
class Waiter {
 public:
  Waiter() = default;
  explicit Waiter(std::shared_ptr<detail::Parked<T>> parked) noexcept : parked_(std::move(parked)) {}

  /// Resumes the coroutine with `value` by a post to its own executor, never from inside this call.
  /// False if it was already completed, or dropped by a crash.
  bool complete(T value) const { return parked_ && parked_->complete(std::move(value)); }

  /// True while a coroutine waits.
  [[nodiscard]] bool pending() const noexcept { return parked_ && parked_->pending(); }

 private:
  std::shared_ptr<detail::Parked<T>> parked_;
};

/// For a Waiter that only wakes.
struct Wake {};

/// The one way in which anything below the HTTP server waits: `co_await park<T>(register)` suspends and calls
/// `register(Waiter<T>)`, which stores the waiter where somebody will complete it. A timeout is a second
/// holder of the same waiter. A waiter that everybody forgets leaves its coroutine parked until its
/// execution context ends. In `register` capture only references (GCC 12 miscompiles others here).
template <class T, class Register>
auto park(Register store) {
  return asio::async_initiate<const asio::deferred_t, void(T)>(
      [](auto handler, Register keep) {
        using Handler = decltype(handler);
        auto executor = asio::get_associated_executor(handler);
        auto& context = asio::query(executor, asio::execution::context);
        auto& lot = asio::use_service<detail::ParkingLot>(context);
        auto parked = std::make_shared<detail::ParkedHandler<T, Handler>>(lot, std::move(handler));
        lot.add(parked);
        keep(Waiter<T>(parked));
      },
      asio::deferred, std::move(store));
}

}  // namespace foodorder
