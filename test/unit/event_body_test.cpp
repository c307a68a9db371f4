#include "foodorder/runtime/event_body.hpp"

#include "foodorder/runtime/event_writer.hpp"
#include "support/catch.hpp"
#include "support/virtual_loop.hpp"

#include <memory>
#include <vector>

using namespace foodorder;

namespace {

ConsumerRecord record_of(std::optional<std::string> value) {
  return ConsumerRecord(Position(TopicPartition("orders", 0), 0),
                        std::make_shared<const Record>("key", std::move(value)));
}

std::string order_body(const std::string& id) {
  return R"({"action":"created","order":{"id":")" + id +
         R"(","customerName":"Ada","item":"Ramen","quantity":1,"price":12.5,"status":"created",)"
         R"("createdAt":"2026-02-05T13:11:17.406Z"},"timestamp":"2026-02-05T13:11:17.406Z"})";
}

}  // namespace

TEST_CASE("Readers of one record get what one of them parsed, and a copy of the record is another one") {
  const ConsumerRecord record = record_of(order_body("a"));
  const OrderEvent* const first = &order_event(record).value();
  CHECK(first->order.id == "a");
  CHECK(&order_event(record).value() == first);
  CHECK(event_head(record)->action == "created");
  CHECK(!event_head(record)->order_id);
  CHECK(order_event(record_of(order_body("b")))->order.id == "b");
}

TEST_CASE("However many records are read, one after the other or again, each gives its own event") {
  std::vector<ConsumerRecord> records;
  for (int i = 0; i < 5000; ++i) records.push_back(record_of(order_body(std::to_string(i))));
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 5000; ++i)
      if (order_event(records[static_cast<std::size_t>(i)])->order.id != std::to_string(i)) FAIL(i);
}

TEST_CASE("A record that takes the place of one that has gone gives its own event") {
  for (int i = 0; i < 5000; ++i)
    if (order_event(record_of(order_body(std::to_string(i))))->order.id != std::to_string(i)) FAIL(i);
}

TEST_CASE("What the writer of a record tells of it, its readers get, until another record takes its place") {
  VirtualLoop loop;
  const auto ids = make_seeded_ids(1);
  const OrderEvent event = parse_order_event(order_body("a")).value();
  const ConsumerRecord written(Position(TopicPartition("orders", 0), 0),
                               EventWriter(loop.clock, *ids, "order-service").order_event(event).outgoing.record);
  EventHead head;
  head.action = "created";
  head.timestamp = "2026-02-05T13:11:17.406Z";
  CHECK(order_event(written).value() == event);
  CHECK(event_head(written).value() == head);
  for (int i = 0; i < 10'000; ++i) CHECK(order_event(record_of(order_body("b")))->order.id == "b");
  CHECK(order_event(written).value() == event);
}

TEST_CASE("What is no JSON, no order or no value at all is an error, as often as it is asked for") {
  for (const ConsumerRecord& record : {record_of("{"), record_of(std::nullopt)})
    for (int round = 0; round < 2; ++round) {
      CHECK(!event_head(record).has_value());
      CHECK(!order_event(record).has_value());
    }
  const ConsumerRecord other = record_of(R"({"action":"NOTIFIED"})");
  CHECK(event_head(other)->action == "NOTIFIED");
  CHECK(!order_event(other).has_value());
}
