#pragma once

#include <cstdint>
#include <string_view>

namespace foodorder {

/// Murmur2, 32 bit, with the seed of Kafka's Java client (org.apache.kafka.common.utils.Utils.murmur2).
std::uint32_t murmur2(std::string_view bytes) noexcept;

/// The partition of a key, as Java's default partitioner chooses it: positive murmur2 modulo `partitions`.
std::int32_t partition_for_key(std::string_view key, std::int32_t partitions) noexcept;

}  // namespace foodorder
