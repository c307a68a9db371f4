#pragma once

#include "errors.hpp"
#include "offsets.hpp"

#include <functional>
#include <string_view>

namespace foodorder::kafka {

/// A request to a group's coordinator must not time out within librdkafka: one that did while the coordinator was away
/// is used again when it comes back, after its end (its issue 4605; 2.0 to 2.12 at least). So it has all the time there
/// is, and who asked waits no longer than for others: Coordinators lets go of what is left.
inline bool asks_coordinator(rd_kafka_admin_op_t operation) {
  return operation == RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS ||
         operation == RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS ||
         operation == RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS || operation == RD_KAFKA_ADMIN_OP_DELETEGROUPS;
}

inline AdminOptions make_admin_options(rd_kafka_t* rk, rd_kafka_admin_op_t operation) {
  constexpr int longest_ms = 3600 * 1000;
  AdminOptions options(rd_kafka_AdminOptions_new(rk, operation));
  const int timeout_ms = asks_coordinator(operation) ? longest_ms : call_timeout_ms;
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, nullptr, 0);
  return options;
}

/// Asks, and waits for the answer to one of librdkafka's admin requests. Blocks.
inline Result<std::shared_ptr<rd_kafka_event_t>> admin_call(
    rd_kafka_t* rk, rd_kafka_admin_op_t operation, std::string_view what,
    const std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& request) {
  const AdminOptions options = make_admin_options(rk, operation);
  const Queue answers(rd_kafka_queue_new(rk));
  request(options.get(), answers.get());
  // A little more than the request's own timeout, so that this is its answer.
  Event answer(rd_kafka_queue_poll(answers.get(), call_timeout_ms + 500));
  if (!answer) return error_of(RD_KAFKA_RESP_ERR__TIMED_OUT, what);
  if (const auto error = rd_kafka_event_error(answer.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return error_of(error, what, rd_kafka_event_error_string(answer.get()));
  return std::shared_ptr<rd_kafka_event_t>(std::move(answer));
}

}  // namespace foodorder::kafka
