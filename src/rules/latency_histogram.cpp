#include "latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace foodorder::analytics {

namespace {

constexpr int sub_bits = 5;
constexpr std::uint64_t sub_count = 1U << sub_bits;
constexpr std::size_t bucket_count = (64 - sub_bits) * sub_count;

std::size_t bucket_of(std::uint64_t micros) {
  if (micros < sub_count) return micros;
  const int shift = static_cast<int>(std::bit_width(micros)) - 1 - sub_bits;
  return (static_cast<std::size_t>(shift) << sub_bits) + (micros >> shift);
}

std::uint64_t upper_bound_of(std::size_t bucket) {
  if (bucket < 2 * sub_count) return bucket;
  const std::size_t shift = (bucket >> sub_bits) - 1;
  return (((bucket & (sub_count - 1)) + sub_count + 1) << shift) - 1;
}

}  // namespace

LatencyHistogram::LatencyHistogram() : buckets_(bucket_count) {}

void LatencyHistogram::add(Duration duration) {
  const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  ++buckets_[bucket_of(micros)];
  ++count_;
  sum_micros_ += static_cast<double>(micros);
}

void LatencyHistogram::add(const LatencyHistogram& other) {
  for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) buckets_[bucket] += other.buckets_[bucket];
  count_ += other.count_;
  sum_micros_ += other.sum_micros_;
}

Duration LatencyHistogram::mean() const noexcept {
  return Duration(count_ == 0 ? 0 : std::llround(sum_micros_ / static_cast<double>(count_)));
}

Duration LatencyHistogram::quantile(double fraction) const {
  const auto rank = static_cast<std::int64_t>(std::ceil(fraction * static_cast<double>(count_)));
  std::int64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen > 0 && seen >= rank) return Duration(static_cast<std::int64_t>(upper_bound_of(bucket)));
  }
  return Duration::zero();
}

}  // namespace foodorder::analytics
