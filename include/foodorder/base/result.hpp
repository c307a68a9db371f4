#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace foodorder {

/// Why an expected failure happened. Callers branch on it; people read Error::message.
enum class Errc {
  invalid_argument,  ///< the caller's input is wrong; trying again cannot help
  not_found,         ///< no such topic, partition, group or order
  closed,            ///< the consumer, producer or bus was closed
  queue_full,        ///< a bounded queue is full; nothing was written; try again later
  too_large,         ///< a record over max.message.bytes; nothing was written
  fenced,            ///< the member no longer owns the partition (Kafka's ILLEGAL_GENERATION)
  group_active,      ///< the operation needs a consumer group without members
  topic_mismatch,    ///< a topic exists with other partitions or cleanup than asked for
  unavailable,       ///< the bus is surely out of reach; nothing was written
  outcome_unknown,   ///< not acknowledged in time; the record may still appear, once
  out_of_range,      ///< the offset was removed by retention or is not written yet
  not_authorized,    ///< the bus denies it; an operator can allow it, so trying again may help
  unsupported,       ///< this backend cannot do it; see Features
};

/// The enumerator's name, for logs and metrics.
const char* to_string(Errc code) noexcept;

struct Error {
  Error() = default;  // Result::error() wants one
  Error(Errc error_code, std::string text) : code(error_code), message(std::move(text)) {}

  Errc code = Errc::invalid_argument;
  std::string message;
};

/// Thrown by Result::value() on an error: a defect of the caller, who did not look.
struct BadResult : std::logic_error {
  explicit BadResult(const Error& error) : std::logic_error(error.message) {}
};

/// Found by ADL from boost::system::result.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw BadResult(error);
}

/// A value or the Error that stood in its way. Expected failures travel this way; exceptions are for
/// bad configuration at start and for defects.
template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace foodorder
