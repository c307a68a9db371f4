#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace foodorder {

/// What the value of a header means. One that does not read so is kept as the text that it is.
enum class HeaderKind : std::uint8_t { text, uuid, time, traceparent, number };

/// The name of a header. Those that records of ours carry have a number: Headers keep it instead of the text, and find
/// a header by it.
class HeaderName {
 public:
  /// Looks for its number.
  explicit HeaderName(std::string_view text) noexcept;
  consteval HeaderName(std::string_view text, std::uint8_t number, HeaderKind kind = HeaderKind::text)
      : text_(text), number_(number), kind_(kind) {}
  constexpr operator std::string_view() const noexcept { return text_; }

  [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }
  /// 0: it has none.
  [[nodiscard]] constexpr std::uint8_t number() const noexcept { return number_; }
  [[nodiscard]] constexpr HeaderKind kind() const noexcept { return kind_; }

 private:
  std::string_view text_;
  std::uint8_t number_;
  HeaderKind kind_;
};

// What every record of ours carries besides its body: the CloudEvents 1.0 attributes in Kafka's binary mode
// (`ce_id`, `ce_source`, `ce_type`, `ce_specversion`, `ce_time`), W3C `traceparent`, and `ce_causationid` (CloudEvents'
// correlation extension: the `ce_id` of the record that caused this one).
namespace headers {
inline constexpr HeaderName ce_id("ce_id", 1, HeaderKind::uuid);
inline constexpr HeaderName ce_source("ce_source", 2);
inline constexpr HeaderName ce_type("ce_type", 3);
inline constexpr HeaderName ce_specversion("ce_specversion", 4);
inline constexpr HeaderName ce_time("ce_time", 5, HeaderKind::time);
inline constexpr HeaderName ce_causationid("ce_causationid", 6, HeaderKind::uuid);
inline constexpr HeaderName traceparent("traceparent", 7, HeaderKind::traceparent);
inline constexpr HeaderName retry_count("retryCount", 8, HeaderKind::number);
/// Of a dead letter that was sent again: how often.
inline constexpr HeaderName redrive_count("redriveCount", 9, HeaderKind::number);
/// Of `order-status`: the place in `orders` of the record that it tells of.
inline constexpr HeaderName source_partition("sourcePartition", 10, HeaderKind::number);
inline constexpr HeaderName source_offset("sourceOffset", 11, HeaderKind::number);
inline constexpr HeaderName body_hash("idempotencyBodyHash", 12);
inline constexpr HeaderName dlt_original_topic("kafka_dlt-original-topic", 13);
inline constexpr HeaderName dlt_original_partition("kafka_dlt-original-partition", 14, HeaderKind::number);
inline constexpr HeaderName dlt_original_offset("kafka_dlt-original-offset", 15, HeaderKind::number);
inline constexpr HeaderName dlt_exception_message("kafka_dlt-exception-message", 16);

/// By number, from 1 on.
inline constexpr std::array numbered = {ce_id,
                                        ce_source,
                                        ce_type,
                                        ce_specversion,
                                        ce_time,
                                        ce_causationid,
                                        traceparent,
                                        retry_count,
                                        redrive_count,
                                        source_partition,
                                        source_offset,
                                        body_hash,
                                        dlt_original_topic,
                                        dlt_original_partition,
                                        dlt_original_offset,
                                        dlt_exception_message};

static_assert([] {
  for (std::size_t i = 0; i < numbered.size(); ++i)
    if (numbered[i].number() != i + 1) return false;
  return true;
}());
}  // namespace headers

}  // namespace foodorder
