#pragma once

#include <optional>
#include <string_view>

namespace foodorder {

/// The trace id of "00-<32 hex>-<16 hex>-<2 hex>", the only version of a `traceparent` there is (W3C Trace Context,
/// 3.2.2); nothing for anything else: what is not is not followed.
std::optional<std::string_view> trace_id_of(std::string_view traceparent) noexcept;

}  // namespace foodorder
