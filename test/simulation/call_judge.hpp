#pragma once

#include "calls/caller.hpp"
#include "foodorder/base/time.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

namespace foodorder::simulation {

/// Says what rule is broken, and how.
using Complain = std::function<void(std::string_view rule, std::string what)>;

/// Watches the tries along one arrow, and keeps an account of its own of what its breaker must let through. It knows
/// nothing of the breaker's code.
class CallJudge {
 public:
  CallJudge(std::string name, const calls::Breaker::Spec& spec, Complain complain)
      : name_(std::move(name)), spec_(spec), complain_(std::move(complain)) {}

  /// A try is sent. Gives its number.
  std::uint64_t begin(Timestamp now);
  /// It has ended. `good`: with an answer that its caller must take.
  void end(std::uint64_t number, bool good, Timestamp now);
  /// Its caller has gone.
  void abandon(std::uint64_t number);

 private:
  enum class Period { closed, open, probing };
  struct Try {
    std::uint64_t period;
    Timestamp sent;
  };

  void enter(Period period);

  const std::string name_;
  const calls::Breaker::Spec spec_;
  const Complain complain_;
  Period now_in_ = Period::closed;
  std::uint64_t period_ = 0;
  Timestamp opened_{};
  std::deque<bool> bad_;  ///< of the last tries while it is closed
  std::size_t probes_ = 0;
  std::size_t passed_ = 0;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, Try> tries_;
};

}  // namespace foodorder::simulation
