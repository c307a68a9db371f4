#include "foodorder/base/ids.hpp"

#include <algorithm>
#include <array>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <random>

namespace foodorder {

namespace {

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
constexpr std::uint64_t mix(std::uint64_t z) noexcept {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

constexpr std::uint64_t hash_start(std::uint64_t seed) noexcept {
  return 0xcbf29ce484222325U ^ mix(seed + 0x9e3779b97f4a7c15U);
}
constexpr std::uint64_t hash_step(std::uint64_t hash, char c) noexcept {
  return (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
}

constexpr char hex_digits[] = "0123456789abcdef";

/// By hand: each event carries several, and boost::uuids::to_chars takes 80 ns where this takes 40.
FixedText<36> uuid_text(std::uint64_t first, std::uint64_t second, char version) {
  FixedText text("........-....-....-....-............");
  std::array<char, 32> digits;
  for (std::size_t i = 0; i < 16; ++i, first >>= 4U, second >>= 4U) {
    digits[i] = hex_digits[first & 15U];
    digits[16 + i] = hex_digits[second & 15U];
  }
  digits[12] = version;
  digits[16] = hex_digits[8U | (static_cast<unsigned>(digits[16]) & 3U)];  // variant
  std::copy_n(&digits[0], 8, text.part(0, 8).data());
  std::copy_n(&digits[8], 4, text.part(9, 4).data());
  std::copy_n(&digits[12], 4, text.part(14, 4).data());
  std::copy_n(&digits[16], 4, text.part(19, 4).data());
  std::copy_n(&digits[20], 12, text.part(24, 12).data());
  return text;
}

class RandomIds final : public IdSource {
 public:
  explicit RandomIds(std::array<std::uint64_t, 2> seed) : engine_(make_engine(seed)) {}

  std::string uuid() override {
    const std::uint64_t first = engine_();
    return std::string(uuid_text(first, engine_(), '4'));
  }

  void put_hex(std::span<char> out) override {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (i % 16 == 0) bits = engine_() | 1U;
      out[i] = hex_digits[bits & 15U];
      bits >>= 4U;
    }
  }

 private:
  static std::mt19937_64 make_engine(std::array<std::uint64_t, 2> seed) {
    std::seed_seq sequence{seed[0] & 0xffffffffU, seed[0] >> 32U, seed[1] & 0xffffffffU, seed[1] >> 32U};
    return std::mt19937_64(sequence);
  }

  std::mt19937_64 engine_;
};

std::uint64_t entropy() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

// Made once, at random, for this program.
constexpr boost::uuids::uuid name_space = {
    {0x5b, 0x0e, 0x1d, 0x2a, 0x6d, 0x3f, 0x4c, 0x57, 0x9a, 0x41, 0xd0, 0x6c, 0x7e, 0x11, 0x84, 0xf3}};

}  // namespace

std::unique_ptr<IdSource> make_system_ids() {
  return std::make_unique<RandomIds>(std::array<std::uint64_t, 2>{entropy(), entropy()});
}

std::unique_ptr<IdSource> make_seeded_ids(std::uint64_t seed) {
  return std::make_unique<RandomIds>(std::array<std::uint64_t, 2>{seed, 0});
}

std::string uuid_from_name(std::string_view name) {
  boost::uuids::name_generator_sha1 generator(name_space);
  return to_string(generator(name.data(), name.size()));
}

FixedText<36> uuid_from_hash(std::string_view text) { return uuid_from_hash({text}); }

FixedText<36> uuid_from_hash(std::initializer_list<std::string_view> texts) {
  const auto [first, second] = stable_hash_pair(texts);
  return uuid_text(first, second, '8');
}

// By hand: boost::uuids::string_generator throws, and takes braces and texts without hyphens.
bool is_uuid(std::string_view text) noexcept {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (hyphen ? c != '-' : !hex) return false;
  }
  return true;
}

std::uint64_t stable_hash(std::string_view text, std::uint64_t seed) noexcept {
  std::uint64_t hash = hash_start(seed);
  for (const char c : text) hash = hash_step(hash, c);
  return mix(hash);
}

std::pair<std::uint64_t, std::uint64_t> stable_hash_pair(std::string_view text) noexcept {
  return stable_hash_pair({text});
}

std::pair<std::uint64_t, std::uint64_t> stable_hash_pair(std::initializer_list<std::string_view> texts) noexcept {
  std::uint64_t first = hash_start(0);
  std::uint64_t second = hash_start(1);
  for (const std::string_view text : texts) {
    for (const char c : text) {
      first = hash_step(first, c);
      second = hash_step(second, c);
    }
  }
  return {mix(first), mix(second)};
}

}  // namespace foodorder
