#pragma once

#include "foodorder/base/fixed_text.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace foodorder {

/// A UUID (RFC 9562) as a value: its 32 digits in two words, the first digit in the lowest four bits.
struct Uuid {
  /// Reads what text() writes, and nothing else.
  static std::optional<Uuid> parse(std::string_view text) noexcept;

  /// Lower case with hyphens.
  [[nodiscard]] FixedText<36> text() const noexcept;

  bool operator==(const Uuid&) const = default;

  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

/// Where new identities come from: the system's entropy in the program, a seed in tests.
class IdSource {
 public:
  virtual ~IdSource() = default;

  virtual std::uint64_t random() = 0;

  /// Of version 4.
  Uuid new_uuid();
  std::string uuid() { return std::string(new_uuid().text()); }

  /// Sixteen digits of a trace or span id: never zero.
  std::uint64_t id_digits() { return random() | 1U; }
  /// Random lower-case hexadecimal digits, never all zero: tokens and names.
  std::string hex(std::size_t digits);
};

/// Seeded once from the system's entropy.
std::unique_ptr<IdSource> make_system_ids();

/// The same ids for the same seed, on every machine.
std::unique_ptr<IdSource> make_seeded_ids(std::uint64_t seed);

/// The name-based UUID (RFC 9562 version 5, SHA-1) of `name` in foodorder's own namespace.
std::string uuid_from_name(std::string_view name);

/// A UUIDv8 (RFC 9562: of one's own making) from 128 bits of stable_hash(): a twentieth of the cost of a UUIDv5, where
/// nobody profits from a collision.
Uuid uuid_from_hash(std::string_view text);
/// Of these texts as if they were joined.
Uuid uuid_from_hash(std::initializer_list<std::string_view> texts);

/// True for 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text) noexcept;

/// A 64-bit hash of `text` that is the same on every machine and in every release (FNV-1a, then
/// SplitMix64's finalizer): for simulated failures and fingerprints, not for secrets.
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0) noexcept;

/// The stable_hash() of `text` with the seeds 0 and 1, in the time of one.
std::pair<std::uint64_t, std::uint64_t> stable_hash_pair(std::string_view text) noexcept;
std::pair<std::uint64_t, std::uint64_t> stable_hash_pair(std::initializer_list<std::string_view> texts) noexcept;

}  // namespace foodorder
