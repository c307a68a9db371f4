#include "foodorder/base/ids.hpp"

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

constexpr char hex_digits[] = "0123456789abcdef";

std::string uuid_text(std::uint64_t first, std::uint64_t second, char version) {
  std::string text(36, '-');
  std::uint64_t bits = first;
  for (std::size_t i = 0, digit = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) continue;
    if (digit == 16) bits = second;
    text[i] = hex_digits[bits & 15U];
    bits >>= 4U;
    ++digit;
  }
  text[14] = version;
  text[19] = hex_digits[8U | (static_cast<unsigned>(text[19]) & 3U)];  // variant
  return text;
}

class RandomIds final : public IdSource {
 public:
  explicit RandomIds(std::array<std::uint64_t, 2> seed) : engine_(make_engine(seed)) {}

  std::string uuid() override {
    const std::uint64_t first = engine_();
    return uuid_text(first, engine_(), '4');
  }

  std::string hex(std::size_t digits) override {
    std::string text(digits, '0');
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (i % 16 == 0) bits = engine_() | 1U;
      text[i] = hex_digits[bits & 15U];
      bits >>= 4U;
    }
    return text;
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

std::string uuid_from_hash(std::string_view text) { return uuid_text(stable_hash(text), stable_hash(text, 1), '8'); }

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
  std::uint64_t hash = 0xcbf29ce484222325U ^ mix(seed + 0x9e3779b97f4a7c15U);
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return mix(hash);
}

}  // namespace foodorder
