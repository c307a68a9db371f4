set(apart "connection_.database().exec(\"COMMIT; BEGIN IMMEDIATE; SAVEPOINT one\");")
set(database src/database_sqlite)

planted_bug(counted_before "the orders are counted before the transaction begins" "blocked fraud-replay" MONOLITH
  FILE ${database}/sqlite_store.cpp
  REPLACE "Task<Result<Placing>> SqliteStore::place(NewOrder order) {
  const bool adds_jobs = order.write.adds_job;
  std::function<Result<Placing>(Tables&)> what = [order = std::move(order), limits = limits_](Tables& tables) {
    return tables.orders.place(order, limits);
  };
  return append<Placing>(std::move(what), adds_jobs);"
  BY "Task<Result<Placing>> SqliteStore::place(NewOrder order) {
  std::function<Result<std::int64_t>(Connection&)> count = [order](Connection& from) -> Result<std::int64_t> {
    return number_of(from, \"SELECT count(*) FROM orders WHERE placed_by = ? AND created_at > ?\",
                     order.write.event.order.customer_name, order.write.event.timestamp - order.window);
  };
  const auto counted = co_await ask<std::int64_t>(std::move(count));
  if (counted) {
    const auto decide = order.decide;
    order.decide = [decide, before = 1 + *counted](RecentOrders recent) {
      recent.by_customer = before;
      return decide(recent);
    };
  }
  std::function<Result<Placing>(Tables&)> what = [order, limits = limits_](Tables& tables) {
    return tables.orders.place(order, limits);
  };
  auto placed = co_await append<Placing>(std::move(what), true);
  co_return placed;")
planted_bug(job_after_commit "a job is added after the commit of its order" "one-outcome refused derived one-transaction"
  MONOLITH FILE ${database}/order_tables.cpp
  REPLACE "  if (write.adds_job) insert_job("
  BY "  ${apart}\n  if (write.adds_job) insert_job(")
planted_bug(verdict_apart "a verdict is written in a transaction of its own"
  "derived refused one-transaction one-outcome answers"
  MONOLITH FILE ${database}/order_tables.cpp
  REPLACE "  insert_audit(connection_, {write.event.order.id, fraud_source"
  BY "  ${apart}\n  insert_audit(connection_, {write.event.order.id, fraud_source")
planted_bug(key_apart "an Idempotency-Key is written in a transaction of its own" "answers settles" MONOLITH
  FILE ${database}/order_tables.cpp
  REPLACE "  execute(connection_,\n          \"INSERT OR REPLACE INTO idempotency_keys("
  BY "  ${apart}\n  execute(connection_,\n          \"INSERT OR REPLACE INTO idempotency_keys(")
planted_bug(later_does_not_count "an order that is dated much later does not count" "blocked fraud-replay" MONOLITH
  FILE ${database}/order_tables.cpp
  REPLACE ": \"SELECT count(*) FROM orders WHERE placed_by = ? AND created_at > ?\";"
  BY ": \"SELECT count(*) FROM orders WHERE placed_by = ?1 AND created_at > ?2 AND created_at < ?2 + 3000000000\";")
planted_bug(blocked_job "a blocked order leaves a job" "identity" MONOLITH
  FILE ${database}/order_tables.cpp
  REPLACE "    placing.outcome = Placing::Outcome::blocked;"
  BY "    placing.outcome = Placing::Outcome::blocked;\n    insert_job(connection_, write);")
planted_bug(blocked_key "the key of a blocked order is remembered" "acknowledged" MONOLITH
  FILE ${database}/order_tables.cpp
  REPLACE "if (!verdict.blocked && order.body_hash)"
  BY "if (order.body_hash)")
planted_bug(finish_apart "a result and the end of its job are two transactions" "lease one-outcome" MONOLITH
  FILE ${database}/job_tables.cpp
  REPLACE "  switch (result.next) {"
  BY "  ${apart}\n  switch (result.next) {")
planted_bug(not_fenced "a result under a lost lease is taken" "lease statistics" MONOLITH
  FILE ${database}/job_tables.cpp
  REPLACE "placed_at FROM jobs WHERE id = ? AND lease_token = ?\",\n              result.job, result.token);"
  BY "placed_at FROM jobs WHERE id = ?\",\n              result.job);")
planted_bug(lease_by_wall_clock "a lease goes by the wall clock" "lease" MONOLITH
  FILE ${database}/job_tables.cpp
  REPLACE "request.worker, request.token, request.now + request.lease,"
  BY "request.worker, request.token,
            Timestamp(std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())),")
planted_bug(lease_for_ever "a lease that ran out is nobody else's" "settles" MONOLITH
  FILE ${database}/job_tables.cpp
  REPLACE "(leased_until <= ? OR leased_until > ?)"
  BY "leased_until < ? - 1000000000 AND leased_until > ?")
planted_bug(deliveries_not_counted "deliveries are not counted" "settles" MONOLITH
  FILE ${database}/job_tables.cpp
  REPLACE "request.lease, job.deliveries, job.id);"
  BY "request.lease, job.deliveries - 1, job.id);")
planted_bug(dead_job_lost "a dead job is lost" "one-outcome statistics" MONOLITH
  FILE ${database}/job_tables.cpp
  REPLACE "    case JobResult::Next::dead:\n"
  BY "    case JobResult::Next::dead:\n      if (result.job > 0) break;\n")
planted_bug(later_first "a later event of an order overtakes one that is at work" "order" MONOLITH
  FILE ${database}/job_tables.cpp
  REPLACE "(run_at <= ? OR run_at > ?) AND (retry_count > 0 OR"
  BY "(run_at <= ? OR run_at > ?) AND (1 OR")
planted_bug(resume_forgotten "a read under way undoes that a reader was resumed" "stream" MONOLITH
  FILE src/monolith/table_consumer.cpp
  REPLACE "if (reading->rows[from] != row) {"
  BY "if (false) {")
planted_bug(feed_by_time "the feed is in the order of times, not of commits"
  "stream one-transaction lease order identity derived own-writes acknowledged one-outcome settles" MONOLITH
  FILE ${database}/log_tables.cpp
  REPLACE "\"ORDER BY a.seq LIMIT ?\";\nconstexpr const char* events_after"
  BY "\"ORDER BY a.at LIMIT ?\";\nconstexpr const char* events_after")
planted_bug(no_savepoint "what a refused row leaves behind is committed"
  "refused one-outcome derived one-transaction answers"
  MONOLITH FILE ${database}/writer.cpp
  REPLACE "\"ROLLBACK TO one; RELEASE one\""
  BY "\"RELEASE one\"")
planted_bug(commit_believed "a commit that failed counts as done" "acknowledged" MONOLITH
  FILE ${database}/writer.cpp
  REPLACE "if (!failed) failed = commit();"
  BY "if (!failed) commit();")
