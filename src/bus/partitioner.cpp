#include "bus/partitioner.hpp"

#include <boost/endian/conversion.hpp>
#include <cstddef>

namespace foodorder {

std::uint32_t murmur2(std::string_view bytes) noexcept {
  constexpr std::uint32_t seed = 0x9747b28c;
  constexpr std::uint32_t m = 0x5bd1e995;
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(data[i]); };
  const std::size_t length = bytes.size();
  std::uint32_t h = seed ^ static_cast<std::uint32_t>(length);
  std::size_t i = 0;
  for (; i + 4 <= length; i += 4) {
    std::uint32_t k = boost::endian::load_little_u32(data + i);
    k *= m;
    k ^= k >> 24U;
    k *= m;
    h = (h * m) ^ k;
  }
  const std::size_t rest = length - i;
  if (rest == 3) h ^= byte(i + 2) << 16U;
  if (rest >= 2) h ^= byte(i + 1) << 8U;
  if (rest >= 1) h = (h ^ byte(i)) * m;
  h ^= h >> 13U;
  h *= m;
  return h ^ (h >> 15U);
}

std::int32_t partition_for_key(std::string_view key, std::int32_t partitions) noexcept {
  if (partitions == 1) return 0;
  return static_cast<std::int32_t>(murmur2(key) & 0x7fffffffU) % partitions;
}

}  // namespace foodorder
