#pragma once

#include "foodorder/base/fixed_text.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace foodorder {

/// Where new identities come from: the system's entropy in the program, a seed in tests.
class IdSource {
 public:
  virtual ~IdSource() = default;

  /// A random UUID (RFC 9562 version 4), lower case with hyphens.
  virtual std::string uuid() = 0;

  /// Over `out`: random lower-case hexadecimal digits, never all zero: trace and span ids, tokens.
  virtual void put_hex(std::span<char> out) = 0;
  std::string hex(std::size_t digits) {
    std::string text(digits, '0');
    put_hex(text);
    return text;
  }
};

/// Seeded once from the system's entropy.
std::unique_ptr<IdSource> make_system_ids();

/// The same ids for the same seed, on every machine.
std::unique_ptr<IdSource> make_seeded_ids(std::uint64_t seed);

/// The name-based UUID (RFC 9562 version 5, SHA-1) of `name` in foodorder's own namespace.
std::string uuid_from_name(std::string_view name);

/// A UUIDv8 (RFC 9562: of one's own making) from 128 bits of stable_hash(): a twentieth of the cost of a UUIDv5, where
/// nobody profits from a collision.
FixedText<36> uuid_from_hash(std::string_view text);
/// Of these texts as if they were joined.
FixedText<36> uuid_from_hash(std::initializer_list<std::string_view> texts);

/// True for 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text) noexcept;

/// A 64-bit hash of `text` that is the same on every machine and in every release (FNV-1a, then
/// SplitMix64's finalizer): for simulated failures and fingerprints, not for secrets.
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0) noexcept;

/// The stable_hash() of `text` with the seeds 0 and 1, in the time of one.
std::pair<std::uint64_t, std::uint64_t> stable_hash_pair(std::string_view text) noexcept;
std::pair<std::uint64_t, std::uint64_t> stable_hash_pair(std::initializer_list<std::string_view> texts) noexcept;

}  // namespace foodorder
