// What verify makes of the letters on orders-dlq.
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"
#include "support/catch.hpp"
#include "support/sample_order.hpp"
#include "verify/verifier.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>

using namespace foodorder;
using verify::Verifier;

namespace {

void write(Verifier& verifier, std::string_view topic, Record record, std::string_view cause = {}) {
  if (!cause.empty()) record.headers.add(headers::ce_causationid, cause);
  verifier.record(ConsumerRecord(Position(TopicPartition(std::string(topic), 0), 0),
                                 std::make_shared<const Record>(std::move(record))));
}

/// An order, under the id "one".
void order(Verifier& verifier) {
  Record record("a", to_json(test::sample_event(OrderAction::created, "a")));
  record.headers.add(headers::ce_id, "one");
  write(verifier, topics::orders, std::move(record));
}

/// An order, what notification said of it, and a letter.
void tell(Verifier& verifier, std::string_view said, std::string_view letter_of, std::string_view reason) {
  order(verifier);
  constexpr const char* body = R"({{"source":"notification-service","action":"{}","orderId":"a","retryCount":0}})";
  write(verifier, topics::audit, Record("a", fmt::format(body, said)), "one");
  Record letter("a", "{}");
  letter.headers.add(headers::ce_id, "letter");
  letter.headers.add(headers::dlt_original_topic, letter_of);
  letter.headers.add(headers::dlt_exception_message, reason);
  write(verifier, topics::orders_dlq, std::move(letter), "one");
  verifier.finish(true);
}

bool says(const Verifier& verifier, std::string_view rule, std::string_view part) {
  const auto& all = verifier.violations();
  return std::any_of(all.begin(), all.end(), [&](const verify::Violation& violation) {
    return violation.rule == rule && violation.what.find(part) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("A dead letter before the third attempt is one of a retry that was refused, or a violation") {
  const bool refused = GENERATE(true, false);
  Verifier verifier{verify::Terms()};
  tell(verifier, "DLQ", "orders", refused ? "Retry refused: too large" : "Max retries exceeded");
  CHECK(says(verifier, "attempts", "DLQ after 0 retries") != refused);
  CHECK(!says(verifier, "one-outcome", ""));
}

TEST_CASE("A job that ended its workers may be started again, and be notified as if nothing had been") {
  verify::Terms terms;
  terms.job_queue = true;
  Verifier verifier(terms);
  order(verifier);
  for (const char* said : {R"("action":"DLQ","reason":"5 deliveries without a result")", R"("action":"NOTIFIED")"})
    write(verifier, topics::audit,
          Record("a", fmt::format(R"({{"source":"notification-service",{},"orderId":"a","retryCount":0}})", said)),
          "one");
  verifier.finish(false);
  CHECK(!says(verifier, "attempts", ""));
}

TEST_CASE("A letter whose outcome was not told is one gap") {
  verify::Terms terms;
  terms.job_queue = terms.calls = true;
  Verifier verifier(terms);
  order(verifier);
  write(verifier, topics::orders_dlq, Record("a", "{}"), "one");
  verifier.finish(true);
  const auto of_its_outcome = [](const std::string& gap) {
    return gap.find("order-service") == std::string::npos && gap.find("fraud") == std::string::npos;
  };
  CHECK(std::ranges::count_if(verifier.gaps(), of_its_outcome) == 1);
}

TEST_CASE("A letter in the place of a record that another topic refused is no dead letter of the order") {
  Verifier verifier{verify::Terms()};
  tell(verifier, "NOTIFIED", "order-status", "too large");
  CHECK(!says(verifier, "one-outcome", ""));
}

TEST_CASE("The letter in place of a record that audit refused says what the record would have said") {
  const auto without = [](bool letter) {
    Verifier verifier{verify::Terms()};
    order(verifier);
    for (const char* told :
         {R"("notification-service","action":"NOTIFIED","retryCount":0)",
          R"("fraud-service","action":"FRAUD_CHECK_PASSED")", R"("analytics-service","action":"STATS_UPDATED")",
          R"("order-service","action":"created")"}) {
      Record record("a", fmt::format(R"({{"source":{},"orderId":"a"}})", told));
      if (letter) record.headers.add(headers::dlt_original_topic, "audit");
      if (letter) write(verifier, topics::orders_dlq, std::move(record), "one");
    }
    for (const char* group : {"order-group", "notification-group", "fraud-group", "analytics-group"})
      verifier.committed(group, Position(TopicPartition("orders", 0), 1));
    verifier.finish(true);
    return std::count_if(verifier.violations().begin(), verifier.violations().end(), [](const auto& violation) {
      return violation.rule == "one-outcome" || violation.rule == "derived";
    });
  };
  CHECK(without(false) > 0);
  CHECK(without(true) == 0);
}
