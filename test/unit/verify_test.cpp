#include "foodorder/base/ids.hpp"
#include "foodorder/domain/order.hpp"
#include "foodorder/runtime/envelope.hpp"
#include "foodorder/runtime/topics.hpp"
#include "foodorder/verify/verifier.hpp"
#include "support/catch.hpp"

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
      record.headers.add(hash_header, "cafe");
    }
    write(topics::orders, std::move(record));
  }

  void status(std::optional<std::string> value) { write(topics::order_status, Record("a", std::move(value))); }

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
  log.order(OrderAction::created, "Pizza", uuid_from_name("created a after 1"));
  log.status(status_of("Pizza", "created", 3));
  verifier.finish(true);
  CHECK(said(verifier, "status-fold").empty());
  CHECK(said(verifier, "identity").empty());
  log.order(OrderAction::created, "Pizza", uuid_from_name("created a after 0"));
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
