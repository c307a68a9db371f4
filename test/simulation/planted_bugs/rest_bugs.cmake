planted_bug(check_counts_again "a check that comes twice is counted twice" "check-once" REST
  FILE src/database_sqlite/order_tables.cpp
  REPLACE "FROM checks WHERE event_id = ?\", write.event_id);"
  BY "FROM checks WHERE event_id <> ? AND event_id = ''\", write.event_id);
    execute(connection_, \"DELETE FROM checks WHERE event_id = ?\", write.event_id);")
planted_bug(half_open_for_all "a half-open breaker lets all through" "breaker" REST
  FILE src/calls/breaker.cpp
  REPLACE "    if (probes_out_ + probes_passed_ >= spec_.probes) return {};\n"
  BY "")
planted_bug(late_probe_counts "a probe that is late counts for another period" "breaker" REST
  FILE src/calls/breaker.cpp
  REPLACE "  if (permit.round != round_) return;\n  const bool good"
  BY "  const bool good")
planted_bug(probe_lost "the probe of who crashed is out for ever" "breaker settles" REST
  FILE src/calls/caller.cpp
  REPLACE "    if (breaker_) breaker_->abandon(permit_);\n"
  BY "")
planted_bug(no_budget "retries know no budget" "budget" REST
  FILE src/calls/retry_budget.cpp
  REPLACE "  if (static_cast<double>(retries + 1) > allowed) return false;\n"
  BY "")
planted_bug(deadline_kept_back "a request does not say how long its caller waits" "deadline" REST
  FILE src/calls/caller.cpp
  REPLACE "  request.headers.emplace_back(deadline_header, std::to_string(left.count()));\n"
  BY "")
planted_bug(deadline_not_heeded "a service works on what nobody waits for" "deadline" REST
  FILE src/rest/service_module.cpp
  REPLACE "if (deadline && clock_.now() >= *deadline)"
  BY "if (deadline && clock_.now() < Timestamp())")
planted_bug(pause_beyond_deadline "a retry waits beyond the deadline" "deadline" REST
  FILE src/calls/caller.cpp
  REPLACE "if (now + pause >= "
  BY "if (now >= ")
planted_bug(no_bulkhead "any number of calls is under way" "calls" REST
  FILE src/calls/caller.cpp
  REPLACE "if (self.in_flight >= self.policy.calls_max)"
  BY "if (self.in_flight >= 1'000'000)")
planted_bug(done_and_denied "a call that may have worked counts as one that surely has not" "calls" REST
  FILE src/calls/caller.cpp
  REPLACE "  if (may_be_done) last.code = Errc::outcome_unknown;\n"
  BY "")
planted_bug(any_answer_fits "any answer counts as that of the service" "calls gaps answers breaker" REST
  FILE src/calls/caller.cpp
  REPLACE "if (!arrow.fits(*answer))"
  BY "if (answer->status >= 400)")
planted_bug(told_too_early "a row of the outbox is remembered as told before it is" "gaps" REST
  FILE src/rest/teller.cpp
  REPLACE "  std::size_t count = 0;\n"
  BY "  std::size_t count = 0;
  if (parts_.outbox && !rows->empty()) co_await parts_.store.services().set_told(rows->back().seq + 1);\n")
planted_bug(told_once "an outbox that is stopped moves on though a row was not taken" "gaps" REST
  FILE src/rest/teller.cpp
  REPLACE "    if (!taken && parts_.outbox) break;\n"
  BY "")
planted_bug(gap_not_counted "a gap is not counted" "gaps" REST
  FILE src/rest/arrows.cpp
  REPLACE "  ++gaps;\n"
  BY "")
planted_bug(logged_twice "the audit service logs an event again that comes twice" "audit-once lease" REST
  FILE src/database_sqlite/service_rows.cpp
  REPLACE "  if (!receive(connection, event.id)) return false;\n"
  BY "  receive(connection, event.id);\n")
planted_bug(notified_twice "a notification that is asked for twice is sent twice" "notify-once" REST
  FILE src/database_sqlite/service_rows.cpp
  REPLACE "  if (!receive(connection, write.event_id)) return false;\n"
  BY "  receive(connection, write.event_id);\n")
planted_bug(blocked_placed "an order that the fraud service blocks is placed" "blocked" REST
  FILE src/rest/rest_order_book.cpp
  REPLACE "  if (body.contains(\"blocked\")) co_return Refusal(Refusal::Why::fraud, event.order.id, findings_of(body));\n"
  BY "")
