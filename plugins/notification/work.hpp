#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "foodorder/runtime/consume.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace foodorder::notification {

/// A failed record whose retry is not due yet.
struct Waiting {
  Waiting(ConsumerRecord failed, std::string id, std::int64_t next_count)
      : record(std::move(failed)), order_id(std::move(id)), retry_count(next_count) {}

  ConsumerRecord record;
  std::string order_id;
  std::int64_t retry_count;  // of the retry
};

/// An event on `audit` that tells of a retry or a letter.
struct Told {
  Told(std::size_t place, ProducerRecord event) : of(place), audit(std::move(event)) {}

  std::size_t of;  ///< the place in the output of what it tells of: it goes when the log has that
  ProducerRecord audit;
  std::optional<Waiting> retried{};  ///< set for a retry
};

/// What is sent together, and which records are finished by that.
struct Work {
  Output output;
  std::vector<Told> told;  ///< sent afterwards
  std::vector<Position> finished;
};

}  // namespace foodorder::notification
