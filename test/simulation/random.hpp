#pragma once

#include <array>
#include <cstdint>

namespace foodorder::simulation {

/// xoshiro256** (Blackman, Vigna: Scrambled Linear Pseudorandom Number Generators, 2021), seeded by SplitMix64. The
/// standard's distributions differ between libraries; this gives the same numbers everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept {
    for (std::uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15U;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
      word = z ^ (z >> 31);
    }
  }

  std::uint64_t next() noexcept {
    const std::uint64_t result = rotated(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotated(state_[3], 45);
    return result;
  }

  /// 0 to count - 1.
  std::size_t below(std::size_t count) noexcept { return static_cast<std::size_t>(next() % count); }
  /// `low` to `high`, both included.
  std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    return low + static_cast<std::int64_t>(below(static_cast<std::size_t>(high - low + 1)));
  }
  /// True that often, of 1. A chance of 0 draws nothing.
  bool chance(double probability) noexcept {
    return probability > 0 && static_cast<double>(next() >> 11U) * 0x1.0p-53 < probability;
  }

 private:
  static constexpr std::uint64_t rotated(std::uint64_t word, unsigned bits) noexcept {
    return (word << bits) | (word >> (64U - bits));
  }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace foodorder::simulation
