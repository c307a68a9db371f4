#pragma once

#include "foodorder/base/result.hpp"
#include "handles.hpp"

namespace foodorder::kafka {

/// Kafka's error in our words; `unavailable` for all that a broker in good health would not have answered.
Errc errc_of(rd_kafka_resp_err_t code) noexcept;

/// "what: librdkafka's text".
Error error_of(rd_kafka_resp_err_t code, std::string_view what);

/// The same for an error that brings a text of its own.
Error error_of(rd_kafka_resp_err_t code, std::string_view what, const char* text);

}  // namespace foodorder::kafka
