#include "foodorder/runtime/event_writer.hpp"

#include "foodorder/base/ids.hpp"
#include "foodorder/runtime/event_body.hpp"
#include "support/catch.hpp"
#include "support/virtual_loop.hpp"

using namespace foodorder;

namespace {

std::string header_of(const Record& record, std::string_view name) {
  return std::string(find_header(record.headers, name).value_or("none"));
}

std::string trace_of(const Record& record) { return header_of(record, headers::traceparent).substr(3, 32); }

/// As a reader has it who was told nothing.
ConsumerRecord copy_of(const ProducerRecord& record) {
  return ConsumerRecord(TopicPartition(record.topic, 0), 7, std::make_shared<const Record>(*record.record));
}

OrderEvent an_event() {
  OrderEvent event;
  event.order.id = "a\"1";
  event.order.customer_name = event.order.item = event.order.status = "x";
  event.order.quantity = 1;
  event.timestamp = event.order.created_at = from_unix_millis(1'770'297'077'406);
  return event;
}

}  // namespace

TEST_CASE("A record of orders comes with the id and the time that its headers carry, and reads as it was written") {
  VirtualLoop loop;
  const auto ids = make_seeded_ids(1);
  EventWriter events(loop.clock, *ids, "order-service");
  const OrderEvent event = an_event();
  const CreationKey key{uuid_from_hash("a key"), "a-hash"};
  for (const CreationKey* const given : {static_cast<const CreationKey*>(nullptr), &key}) {
    const OrderRecord written = events.order_event(event, {}, given);
    const Record& record = *written.outgoing.record;
    CHECK(written.outgoing.topic == "orders");
    CHECK(record.key() == event.order.id);
    CHECK(record.value() == to_json(event));
    CHECK(header_of(record, headers::ce_id) == written.id.text());
    CHECK(header_of(record, headers::ce_time) == to_iso_micros(written.time).view());
    CHECK(header_of(record, headers::ce_type) == "foodorder.order.created");
    CHECK(header_of(record, headers::body_hash) == (given ? "a-hash" : "none"));
    CHECK((written.id == key.event_id) == (given != nullptr));
    const ConsumerRecord read(TopicPartition("orders", 0), 7, written.outgoing.record);
    CHECK(order_event(read).value() == event);
    CHECK(event_head(read).value() == event_head(copy_of(written.outgoing)).value());
  }
}

TEST_CASE("An audit event says who did what to which order when, and reads as it was written") {
  VirtualLoop loop;
  const auto ids = make_seeded_ids(1);
  EventWriter events(loop.clock, *ids, "kitchen-service");
  const ConsumerRecord cause = copy_of(events.order_event(an_event()).outgoing);
  const auto cook = [&](std::int64_t count, std::optional<Timestamp> at = {}) {
    return events.audit(
        cause, "kitchen.cooking", "COOKING", "a\"1", [](JsonObject& body) { body.add("dishes", 2); }, count, at);
  };
  const Timestamp at = from_unix_millis(1'770'297'077'406);
  const ProducerRecord written = cook(0, at);
  CHECK(written.topic == "audit");
  CHECK(written.record->key() == "a\"1");
  CHECK(written.record->value() == R"({"source":"kitchen-service","action":"COOKING","orderId":"a\"1","dishes":2,)"
                                   R"("timestamp":"2026-02-05T13:11:17.406Z"})");
  CHECK(header_of(*written.record, headers::ce_type) == "kitchen.cooking");
  CHECK(header_of(*written.record, headers::ce_causationid) == event_id(cause));
  CHECK(trace_of(*written.record) == trace_of(*cause.record));
  const ConsumerRecord read(TopicPartition("audit", 0), 7, written.record);
  CHECK(event_head(read).value() == event_head(copy_of(written)).value());
  CHECK(event_head(copy_of(cook(0)))->timestamp == to_iso_millis(loop.clock.now()).view());
  // The same work done again is the same event; another attempt is another one.
  CHECK(event_id(copy_of(cook(0))) == event_id(read));
  CHECK(event_id(copy_of(cook(1))) != event_id(read));
}

TEST_CASE("A request's trace is followed if it is one that W3C Trace Context allows") {
  VirtualLoop loop;
  const auto ids = make_seeded_ids(1);
  EventWriter events(loop.clock, *ids, "order-service");
  const auto follow = [&](std::string traceparent) {
    const Record record = events.originate("type", "key", "value", traceparent);
    return trace_of(record);
  };
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  CHECK(follow("00-" + trace + "-b7ad6b7169203331-01") == trace);
  CHECK(follow("00-" + trace + "-b7ad6b7169203331-00") == trace);
  const std::string zeros(32, '0');
  const std::vector<std::string> refused = {
      "",
      "00-" + zeros + "-b7ad6b7169203331-01",
      "00-" + trace + "-0000000000000000-01",
      "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c8031\"\xff-b7ad6b7169203331-01",
      "00-" + trace + "-b7ad6b716920333x-01",
      "00-" + trace + "-b7ad6b7169203331-0x",
      "01-" + trace + "-b7ad6b7169203331-01",
      "00-" + trace + "-b7ad6b7169203331-01-more",
  };
  for (const std::string& traceparent : refused) {
    INFO(traceparent);
    const std::string made = follow(traceparent);
    CHECK(made != trace);
    CHECK(made != zeros);
    CHECK(made.find_first_not_of("0123456789abcdef") == std::string::npos);
  }
}

TEST_CASE("A ce_id without end is known by what is made of it, so that what follows stays small") {
  Record record("k", "v");
  record.headers.add(headers::ce_id, std::string(1'000'000, 'x'));
  const ConsumerRecord read(Position(TopicPartition("orders", 0), 7), std::make_shared<const Record>(record));
  CHECK(event_id(read).size() == 36);
  CHECK(event_id(read) == event_id(read));
  const ConsumerRecord retry(Position(TopicPartition("orders", 0), 9),
                             std::make_shared<const Record>(EventWriter::retry(read, 1)));
  CHECK(event_id(retry) == event_id(read));
}

TEST_CASE("The count of a retry stays a count, however often it was retried") {
  CHECK(next_retry_count(0) == 1);
  CHECK(next_retry_count(2'147'483'646) == 2'147'483'647);
  CHECK(next_retry_count(2'147'483'647) == 2'147'483'647);
}
