#include "foodorder/base/ids.hpp"

#include "hex.hpp"

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

/// With the version's digit and the variant's (RFC 9562, 4.1 and 4.2) in their places.
constexpr Uuid uuid_of(std::uint64_t first, std::uint64_t second, std::uint64_t version) noexcept {
  constexpr unsigned version_shift = 48;
  const std::uint64_t digit = second & 0xfU;
  const std::uint64_t variant = 8U | ((digit < 10 ? digit : digit + 3) & 3U);  // ids in logs are made so
  return {(first & ~(std::uint64_t{0xf} << version_shift)) | version << version_shift,
          (second & ~std::uint64_t{0xf}) | variant};
}

class RandomIds final : public IdSource {
 public:
  explicit RandomIds(std::array<std::uint64_t, 2> seed) : engine_(make_engine(seed)) {}

  std::uint64_t random() override { return engine_(); }

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

Uuid IdSource::new_uuid() {
  const std::uint64_t first = random();
  return uuid_of(first, random(), 4);
}

std::string IdSource::hex(std::size_t digits) {
  std::string text;
  while (text.size() < digits) text += std::string_view(hex_of(id_digits())).substr(0, digits - text.size());
  return text;
}

/// By hand: boost::uuids::to_chars takes several times as long.
FixedText<36> Uuid::text() const noexcept {
  FixedText text("........-....-....-....-............");
  const FixedText<16> front = hex_of(first);
  const FixedText<16> back = hex_of(second);
  const auto put = [&](std::string_view digits, std::size_t at) {
    std::ranges::copy(digits, text.part(at, digits.size()).begin());
  };
  put(front.view().substr(0, 8), 0);
  put(front.view().substr(8, 4), 9);
  put(front.view().substr(12, 4), 14);
  put(back.view().substr(0, 4), 19);
  put(back.view().substr(4, 12), 24);
  return text;
}

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return {};
  const auto a = parse_hex(text.substr(0, 8));
  const auto b = parse_hex(text.substr(9, 4));
  const auto c = parse_hex(text.substr(14, 4));
  const auto d = parse_hex(text.substr(19, 4));
  const auto e = parse_hex(text.substr(24, 12));
  if (!a || !b || !c || !d || !e) return {};
  return Uuid{*a | *b << 32U | *c << 48U, *d | *e << 16U};
}

std::string uuid_from_name(std::string_view name) {
  boost::uuids::name_generator_sha1 generator(name_space);
  return to_string(generator(name.data(), name.size()));
}

Uuid uuid_from_hash(std::string_view text) { return uuid_from_hash({text}); }

Uuid uuid_from_hash(std::initializer_list<std::string_view> texts) {
  const auto [first, second] = stable_hash_pair(texts);
  return uuid_of(first, second, 8);
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
#pragma GCC unroll 8
    for (const char c : text) {
      first = hash_step(first, c);
      second = hash_step(second, c);
    }
  }
  return {mix(first), mix(second)};
}

}  // namespace foodorder
