#include "foodorder/base/ids.hpp"
#include "foodorder/domain/order.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"
#include "support/catch.hpp"
#include "verify/verifier.hpp"

#include <fmt/format.h>
#include <map>

// The judge of logs, told what a log holds. What it says of whole worlds is in test/simulation.

using namespace foodorder;
using verify::Verifier;

namespace {

constexpr Timestamp epoch{std::chrono::seconds(1'770'000'000)};
const std::string hash_header(headers::body_hash);
const std::string cause_header(headers::ce_causationid);

/// Writes a log a record at a time, each a second after the last, and tells the verifier of it.
class Log {
 public:
  explicit Log(Verifier& verifier) : verifier_(verifier) {}

  std::int64_t write(std::string_view topic, Record record) {
    now_ += std::chrono::seconds(1);
    record.timestamp = now_;
    const std::int64_t offset = next_[std::string(topic)]++;
    verifier_.record(ConsumerRecord(Position(TopicPartition(std::string(topic), 0), offset),
                                    std::make_shared<const Record>(std::move(record))));
    return offset;
  }

  /// What happens to the order "a" now. With a `ce_id` it is placed under a key.
  void order(OrderAction action, std::string_view item, std::string_view ce_id = {}) {
    OrderEvent event = event_of(action, std::string(item));
    event.timestamp = now();
    Record record("a", to_json(event));
    if (!ce_id.empty()) {
      record.headers.add(headers::ce_id, ce_id);
      record.headers.add(headers::ce_source, "order-service");
      record.headers.add(hash_header, "cafe");
    }
    write(topics::orders, std::move(record));
  }

  void status(std::optional<std::string> value) { write(topics::order_status, Record("a", value)); }

  static OrderEvent event_of(OrderAction action, std::string item) {
    OrderEvent event;
    event.action = action;
    event.order.id = "a";
    event.order.customer_name = "Ada";
    event.order.item = std::move(item);
    event.order.quantity = 1;
    event.order.price_cents = 100;
    event.order.status = to_string(action);
    event.order.created_at = event.timestamp = epoch;
    return event;
  }

  /// When the next record will be logged.
  [[nodiscard]] Timestamp now() const { return now_ + std::chrono::seconds(1); }

 private:
  Verifier& verifier_;
  Timestamp now_ = epoch;
  std::map<std::string, std::int64_t> next_;
};

std::string status_of(std::string_view item, std::string_view status, int second) {
  return fmt::format(R"({{"id":"a","customerName":"Ada","item":"{}","status":"{}","updatedAt":"{}"}})", item, status,
                     to_iso_millis(epoch + std::chrono::seconds(second)).view());
}

std::vector<std::string> said(const Verifier& verifier, std::string_view rule) {
  std::vector<std::string> found;
  for (const verify::Violation& violation : verifier.violations())
    if (violation.rule == rule) found.push_back(violation.what);
  return found;
}

/// What fraud says of an order, as the only one in its windows or not.
Record verdict(std::string_view cause, int customer_orders, int global_orders) {
  Record record("a",
                fmt::format(R"({{"source":"fraud-service","action":"FRAUD_CHECK_PASSED","orderId":"a","alerts":[],)"
                            R"("windowStats":{{"customerOrdersInWindow":{},"globalOrdersInWindow":{}}}}})",
                            customer_orders, global_orders));
  record.headers.add(cause_header, cause);
  return record;
}

}  // namespace

TEST_CASE("A creation repeated under its key is an echo, whatever has happened to the order since") {
  Verifier verifier{verify::Terms()};
  Log log(verifier);
  log.order(OrderAction::created, "Soup", "one");  // second 1
  log.order(OrderAction::updated, "Stew");
  log.order(OrderAction::created, "Soup", "one");
  log.status(status_of("Stew", "updated", 2));
  verifier.finish(true);
  CHECK(said(verifier, "status-fold").empty());
}

TEST_CASE("A creation under a key whose order was deleted is a new event, and its order lives") {
  Verifier verifier{verify::Terms()};
  Log log(verifier);
  log.order(OrderAction::created, "Soup", "one");
  log.order(OrderAction::deleted, "Soup");
  log.order(OrderAction::created, "Pizza", uuid_from_name("created a after 0@1"));
  log.status(status_of("Pizza", "created", 3));
  verifier.finish(true);
  CHECK(said(verifier, "status-fold").empty());
  CHECK(said(verifier, "identity").empty());
  log.order(OrderAction::created, "Pizza", uuid_from_name("created a after 0@0"));
  CHECK(said(verifier, "identity").size() == 1);  // nothing was deleted there
}

TEST_CASE("A committed event lacks its status, unless compaction may have taken it") {
  const auto told = [](bool compacted) {
    Verifier verifier{verify::Terms()};
    Log log(verifier);
    log.order(OrderAction::created, "Soup", "one");
    Record audit("a", R"({"source":"order-service","action":"created","orderId":"a"})");
    audit.headers.add(cause_header, "one");
    log.write(topics::audit, std::move(audit));
    if (compacted) verifier.status_compacted();
    verifier.committed("order-group", Position(TopicPartition("orders", 0), 1));
    return said(verifier, "commit");
  };
  CHECK(told(true).empty());
  REQUIRE(told(false).size() == 1);
  CHECK(told(false)[0].ends_with("lacks its order-status"));
}

TEST_CASE("A status that is missing, left over or old is told") {
  const auto told = [](std::optional<std::string> status, bool deleted) {
    Verifier verifier{verify::Terms()};
    Log log(verifier);
    log.order(OrderAction::created, "Soup", "one");
    log.order(OrderAction::updated, "Stew");
    if (deleted) log.order(OrderAction::deleted, "Stew");
    log.status(std::move(status));
    verifier.finish(true);
    return said(verifier, "status-fold");
  };
  CHECK(told(status_of("Stew", "updated", 2), false).empty());
  CHECK(told(status_of("Soup", "created", 1), false).size() == 1);
  CHECK(told(std::nullopt, false).size() == 1);
  CHECK(told(status_of("Stew", "updated", 2), true).size() == 1);
  CHECK(told(std::nullopt, true).empty());
}

TEST_CASE("What a stranger wrote on order-status and tells no status is no violation") {
  Verifier verifier{verify::Terms()};
  Log log(verifier);
  for (const char* foreign : {"x", "{}", "null", "[[[", R"({"id":"a","quantity":-1,"status":"created"})"})
    log.status(foreign);
  verifier.finish(true);
  CHECK(said(verifier, "status-fold").empty());
}

TEST_CASE("An order that stands in the log twice counts in fraud's windows from its first time on") {
  verify::Terms terms;
  terms.fraud_window = std::chrono::seconds(5);
  Verifier verifier{terms};
  Log log(verifier);
  const auto place = [&](const std::string& id) {
    OrderEvent event = Log::event_of(OrderAction::created, "Soup");
    event.timestamp = log.now();
    Record record("a", to_json(event));
    record.headers.add(headers::ce_id, id);
    log.write(topics::orders, std::move(record));
  };
  place("twice");
  place("between");
  place("twice");
  place("after");
  log.write(topics::audit, verdict("twice", 1, 1));
  log.write(topics::audit, verdict("after", 3, 3));
  place("last");  // the first of the two has left the window, its echo was never in
  log.write(topics::audit, verdict("last", 2, 2));
  verifier.finish(true);
  CHECK(said(verifier, "fraud-replay").empty());
}

TEST_CASE("An order dated in the future counts when it was logged, and empties no window") {
  Verifier verifier{verify::Terms()};
  Log log(verifier);
  const auto place = [&](std::string id, Duration ahead) {
    OrderEvent event = Log::event_of(OrderAction::created, "Soup");
    event.timestamp = log.now() + ahead;
    Record record("a", to_json(event));
    record.headers.add(headers::ce_id, id);
    record.headers.add(headers::ce_time, to_iso_micros(event.timestamp));
    log.write(topics::orders, std::move(record));
  };
  place("first", Duration(0));
  place("future", std::chrono::hours(1));
  place("last", Duration(0));
  log.write(topics::audit, verdict("first", 1, 1));
  log.write(topics::audit, verdict("future", 2, 2));
  log.write(topics::audit, verdict("last", 3, 3));
  log.write(topics::audit, verdict("last", 1, 1));
  verifier.finish(true);
  const auto wrong = said(verifier, "fraud-replay");
  REQUIRE(wrong.size() == 1);
  CHECK(wrong[0].find("audit-0@3") == 0);
}

namespace {

/// Tells a verifier of records on any partition of `orders`, each a second after the last, and keeps their places.
class Strangers {
 public:
  explicit Strangers(Verifier& verifier) : verifier_(verifier) {}

  std::int64_t write(std::int32_t partition, OrderEvent event, Headers more = {}) {
    now_ += std::chrono::seconds(1);
    Record record(event.order.id, to_json(event), std::move(more));
    record.timestamp = now_;
    const std::int64_t offset = next_[partition]++;
    tell(partition, offset, std::move(record));
    return offset;
  }
  void tell(std::int32_t partition, std::int64_t offset, Record record) {
    verifier_.record(ConsumerRecord(Position(TopicPartition("orders", partition), offset),
                                    std::make_shared<const Record>(std::move(record))));
  }
  [[nodiscard]] Timestamp now() const { return now_; }

 private:
  Verifier& verifier_;
  Timestamp now_ = epoch;
  std::map<std::int32_t, std::int64_t> next_;
};

/// Fraud's word on the event that stands at orders-`partition`@`offset` and has no ce_id.
void judged(Verifier& verifier, std::int64_t at, std::string_view cause, int customer_orders, int global_orders) {
  verifier.record(ConsumerRecord(Position(TopicPartition("audit", 0), at),
                                 std::make_shared<const Record>(verdict(cause, customer_orders, global_orders))));
}

}  // namespace

TEST_CASE("The later write wins across partitions, by the log's time and not by what a record claims") {
  Verifier verifier{verify::Terms()};
  Strangers log(verifier);
  OrderEvent event = Log::event_of(OrderAction::created, "Soup");
  log.write(2, event);
  event.action = OrderAction::updated;
  event.order.item = "Stew";
  event.timestamp = epoch + std::chrono::hours(9'000);
  log.write(0, event);
  event.order.item = "Pizza";
  event.timestamp = epoch - std::chrono::hours(9'000);
  log.write(1, event);
  verifier.finish(true);
  verifier.check_orders("[" + to_json(event.order) + "]");
  CHECK(said(verifier, "view-fold").empty());
  CHECK(said(verifier, "attempts").empty());
}

TEST_CASE(
    "A retry may be told before the delivery that it repeats, in another partition, and must still have its content") {
  const auto told = [](std::string retried) {
    Verifier verifier{verify::Terms()};
    Strangers log(verifier);
    Record retry("a", std::move(retried));
    retry.headers.add(headers::ce_id, "one");
    retry.headers.add(headers::retry_count, "1");
    log.tell(0, 0, std::move(retry));
    Record first("a", to_json(Log::event_of(OrderAction::created, "Soup")));
    first.headers.add(headers::ce_id, "one");
    log.tell(1, 0, std::move(first));
    verifier.finish(false);
    return said(verifier, "attempts");
  };
  CHECK(told(to_json(Log::event_of(OrderAction::created, "Soup"))).empty());
  REQUIRE(told(to_json(Log::event_of(OrderAction::created, "Stew"))).size() == 1);
}

TEST_CASE("An order that says it is from long ago is judged as of then, and the next one does not see it") {
  Verifier verifier{verify::Terms()};
  Strangers log(verifier);
  const auto place = [&](Duration ago) {
    OrderEvent event = Log::event_of(OrderAction::created, "Soup");
    event.timestamp = log.now() - ago;
    return log.write(0, event);
  };
  place(Duration(0));                  // sees itself
  place(std::chrono::hours(24 * 90));  // the literal time of an example: itself alone
  place(Duration(0));                  // the first one and itself
  place(std::chrono::hours(24 * 90));
  place(Duration(0));
  judged(verifier, 0, "orders-0-0", 1, 1);
  judged(verifier, 1, "orders-0-1", 1, 1);
  judged(verifier, 2, "orders-0-2", 2, 2);
  judged(verifier, 3, "orders-0-3", 1, 1);
  judged(verifier, 4, "orders-0-4", 3, 3);
  place(std::chrono::hours(24 * 90));
  place(std::chrono::hours(24 * 90));  // beside the one before: the window has not moved on
  judged(verifier, 6, "orders-0-5", 1, 1);
  judged(verifier, 7, "orders-0-6", 2, 2);
  verifier.finish(true);
  CHECK(verifier.fraud_exact());
  CHECK(said(verifier, "fraud-replay").empty());
  judged(verifier, 5, "orders-0-4", 5, 5);
  verifier.finish(true);
  CHECK(said(verifier, "fraud-replay").size() == 1);
}

TEST_CASE("Orders that came later than fraud waits, by their headers or by the log, are not compared with a replay") {
  for (const bool header : {true, false}) {
    Verifier verifier{verify::Terms()};
    Strangers log(verifier);
    log.write(0, Log::event_of(OrderAction::created, "Soup"));
    CHECK(verifier.fraud_exact());
    if (header) {
      Headers more;
      more.add(headers::ce_time, "2020-01-01T00:00:00.000000Z");
      log.write(0, Log::event_of(OrderAction::created, "Soup"), std::move(more));
    } else {
      Record late("a", to_json(Log::event_of(OrderAction::created, "Soup")));
      late.timestamp = epoch - std::chrono::hours(1);
      log.tell(0, 1, std::move(late));
    }
    CHECK(!verifier.fraud_exact());
  }
}

TEST_CASE("A stranger's record that calls itself a retry is delivered as one, and nothing else follows from it") {
  Verifier verifier{verify::Terms()};
  Strangers log(verifier);
  Headers more;
  more.add(headers::retry_count, "1");
  log.write(1, Log::event_of(OrderAction::created, "Soup"), std::move(more));
  Record again("a", to_json(Log::event_of(OrderAction::created, "Soup")));
  again.headers.add(headers::ce_id, "orders-1-0");
  again.headers.add(headers::retry_count, "2");
  log.tell(0, 0, std::move(again));
  std::int64_t at = 0;
  for (const char* action : {"RETRY", "NOTIFIED"}) {
    Record record(
        "a", fmt::format(R"({{"source":"notification-service","action":"{}","orderId":"a","retryCount":2}})", action));
    record.headers.add(cause_header, "orders-1-0");
    verifier.record(
        ConsumerRecord(Position(TopicPartition("audit", 0), at++), std::make_shared<const Record>(std::move(record))));
  }
  verifier.finish(true);
  std::string all;
  for (const verify::Violation& violation : verifier.violations()) all += violation.rule + ": " + violation.what + "\n";
  CHECK(all.find("attempts") == std::string::npos);
  CHECK(all.find("derived") == std::string::npos);
}

TEST_CASE("Strangers may create an order as often as they like, our own service once") {
  Verifier verifier{verify::Terms()};
  Strangers log(verifier);
  log.write(0, Log::event_of(OrderAction::created, "Soup"));
  log.write(1, Log::event_of(OrderAction::created, "Soup"));
  CHECK(said(verifier, "identity").empty());
  for (const char* id : {"one", "two"}) {
    Headers more;
    more.add(headers::ce_id, id);
    more.add(headers::ce_source, "order-service");
    log.write(0, Log::event_of(OrderAction::created, "Soup"), std::move(more));
  }
  CHECK(said(verifier, "identity").size() == 1);
}
