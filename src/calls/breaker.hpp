#pragma once

#include "foodorder/base/time.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

namespace foodorder::calls {

/// A circuit breaker (Nygard: Release It!, 2nd edition, 2018, "Circuit Breaker"): where most of the last tries failed
/// or were slow, it refuses further ones for a while, and then lets a few probes through. The window counts tries, not
/// time, and slow ones count as bad, as in Resilience4j (CircuitBreaker, "count-based sliding window"). Pure.
class Breaker {
 public:
  struct Spec {
    std::size_t window_tries = 20;
    std::size_t tries_min = 10;  ///< fewer say nothing
    double bad_share = 0.5;      ///< of the window, from which on it opens
    Duration open_for = std::chrono::seconds(5);
    std::size_t probes = 3;  ///< calls that try a half-open breaker; it closes when all pass
    Duration slow_after = std::chrono::milliseconds(240);
  };

  enum class State { closed, open, half_open };

  /// Lets one try pass. Its holder gives it back once, by report() or abandon().
  struct Permit {
    std::uint64_t round = 0;
  };

  explicit Breaker(const Spec& spec) : spec_(spec) {}

  /// Nothing while it is open, and while all probes are out.
  std::optional<Permit> admit(Timestamp now);
  /// What became of the try. One that was let through before the state last changed says nothing about the present.
  void report(const Permit& permit, bool worked, Duration took, Timestamp now);
  /// The try ended without a result: its caller is gone.
  void abandon(const Permit& permit);

  /// An open one whose time is over is half-open.
  [[nodiscard]] State state(Timestamp now) const;
  /// Where it is open: when it will be half-open.
  [[nodiscard]] Timestamp probes_at() const noexcept { return opened_ + spec_.open_for; }
  /// Since it is half-open.
  [[nodiscard]] std::size_t probes_passed() const noexcept { return probes_passed_; }
  /// How often it opened.
  [[nodiscard]] std::uint64_t openings() const noexcept { return openings_; }

 private:
  void enter(State state, Timestamp now);
  void report_probe(bool good, Timestamp now);
  void report_closed(bool good, Timestamp now);

  const Spec spec_;
  State state_ = State::closed;
  std::uint64_t round_ = 0;  ///< counts the changes of the state: permits of earlier ones are void
  Timestamp opened_{};
  std::deque<bool> window_;  ///< of closed: true for a bad try
  std::size_t bad_ = 0;      ///< of the window
  std::size_t probes_out_ = 0;
  std::size_t probes_passed_ = 0;
  std::uint64_t openings_ = 0;
};

/// "closed", "open", "half-open".
std::string_view to_string(Breaker::State state) noexcept;

}  // namespace foodorder::calls
