#include "foodorder/http/http.hpp"
#include "foodorder/runtime/topics.hpp"
#include "order/idempotency.hpp"
#include "order/order_store.hpp"
#include "order_http/conditions.hpp"
#include "order_http/feed_slots.hpp"
#include "order_http/history_index.hpp"
#include "order_http/sse_text.hpp"
#include "rules/order_changes.hpp"
#include "store_writes.hpp"
#include "support/catch.hpp"

#include <string>

using namespace foodorder;
using namespace foodorder::order;
using namespace foodorder::test;

namespace {

constexpr Timestamp epoch = sample_time;
const FeedSlots slots(topics::table());

std::string ids_of(const OrderStore::Page& page) {
  std::string ids;
  for (const StoredOrder* stored : page.orders) ids += stored->order.id;
  return ids;
}

ConsumerRecord record_at(std::string_view topic, std::int32_t partition, std::int64_t offset, std::string key,
                         std::optional<std::string> value = "{}") {
  Record record(key, value);
  record.timestamp = epoch;
  return ConsumerRecord(Position(TopicPartition(std::string(topic), partition), offset),
                        std::make_shared<const Record>(std::move(record)));
}

}  // namespace

TEST_CASE("Per order the highest offset wins, whatever the order in which records are known") {
  OrderStore store(10);
  created(store, "a", 5);
  updated(store, "a", 9, 9);
  updated(store, "a", 7, 7);
  CHECK(store.find("a")->order.quantity == 9);
  updated(store, "a", 9, 1);  // the same record again
  CHECK(store.find("a")->order.quantity == 9);
}

TEST_CASE("An update or deletion of an order that is not there changes nothing") {
  OrderStore store(10);
  updated(store, "a", 1, 2);
  deleted(store, "b", 2);
  CHECK(store.size() == 0);
  CHECK(store.list(10, "b").unknown_after);
}

TEST_CASE("A deleted order stays deleted when its creation is read after the deletion was acknowledged") {
  OrderStore store(10);
  created(store, "a", 1);
  deleted(store, "a", 2);
  created(store, "a", 1);
  updated(store, "a", 2, 5);
  CHECK(store.find("a") == nullptr);
  CHECK(ids_of(store.list(10, {})).empty());
  created(store, "a", 3);  // made anew
  CHECK(store.find("a") != nullptr);
}

TEST_CASE("An update that was acknowledged before the deletion in front of it was read does not keep the order alive") {
  OrderStore store(10);
  created(store, "a", 1);
  updated(store, "a", 5, 2);  // ours
  deleted(store, "a", 3);     // another process's
  CHECK(store.find("a") == nullptr);
  updated(store, "a", 5, 2);
  CHECK(store.find("a") == nullptr);
  created(store, "a", 7);
  deleted(store, "a", 3);  // read again
  CHECK(store.find("a") != nullptr);
}

TEST_CASE("The list is oldest first and continues after any order, also one deleted meanwhile") {
  OrderStore store(10);
  created(store, "d", 1, Duration(1));
  created(store, "b", 2, Duration(2));
  created(store, "a", 3, Duration(2));
  created(store, "c", 4, Duration(3));
  CHECK(ids_of(store.list(10, {})) == "dabc");
  CHECK(!store.list(4, {}).more);
  CHECK(store.list(3, {}).more);
  CHECK(ids_of(store.list(2, {})) == "da");
  CHECK(ids_of(store.list(2, "a")) == "bc");
  deleted(store, "a", 9);
  CHECK(ids_of(store.list(2, "a")) == "bc");
  CHECK(store.list(2, "x").unknown_after);
  updated(store, "d", 10, 3);
  CHECK(ids_of(store.list(10, {})) == "dbc");
}

TEST_CASE("A store is full at its limit and says what it had no room for far above") {
  OrderStore store(1);
  CHECK(!store.full());
  for (int i = 0; i < 10'001; ++i) created(store, std::to_string(i), i);
  CHECK(store.full());
  CHECK(store.left_out() == 0);
  created(store, "one more", 20'000);
  CHECK(store.left_out() == 1);
  CHECK(store.find("one more") == nullptr);
}

TEST_CASE("Of two records of one Idempotency-Key the first counts, for 24 hours of event time") {
  IdempotencyKeys keys(10);
  const auto answer = [](std::int64_t offset, Duration later) {
    return FirstAnswer{"hash", sample_event(OrderAction::created, "a").order, WriteRank{epoch, 0, offset},
                       epoch + later};
  };
  keys.learn("a", answer(1, Duration(0)));
  keys.learn("a", answer(1, Duration(0)));  // the same record again
  keys.learn("a", answer(2, std::chrono::hours(24) - Duration(1)));
  CHECK(keys.find("a", epoch)->at.offset == 1);
  CHECK(keys.find("a", epoch + std::chrono::hours(24) - Duration(1)) != nullptr);
  CHECK(keys.find("a", epoch + std::chrono::hours(24)) == nullptr);
  keys.learn("a", answer(3, std::chrono::hours(24)));
  CHECK(keys.find("a", epoch + std::chrono::hours(24))->at.offset == 3);
}

TEST_CASE("The oldest Idempotency-Key is forgotten when there are too many") {
  IdempotencyKeys keys(2);
  for (const int n : {2, 1, 3})
    keys.learn(std::to_string(n), FirstAnswer{"hash", Order(), WriteRank{epoch, 0, n}, epoch + Duration(n)});
  CHECK(keys.size() == 2);
  CHECK(keys.find("1", epoch) == nullptr);
  CHECK(keys.find("2", epoch) != nullptr);
}

TEST_CASE("An Idempotency-Key is 1 to 255 visible characters, and a body is told by its fields") {
  CHECK(is_idempotency_key("a"));
  CHECK(is_idempotency_key(std::string(255, '~')));
  for (const std::string& bad : {std::string(), std::string(256, 'a'), std::string("a b"), std::string("\x7f"),
                                 std::string("\xc3\xa9"), std::string("a\n")})
    CHECK(!is_idempotency_key(bad));
  const auto hash = [](std::string_view body) { return body_hash(parse_new_order(body).fields); };
  const auto same = hash(R"({"customerName":"A","item":"B","quantity":1,"price":1.5})");
  CHECK(hash(R"( {"price":1.50,"quantity":1.0,"item":"B","customerName":"\u0041"})") == same);
  CHECK(hash(R"({"customerName":"A","item":"B","quantity":2,"price":1.5})") != same);
}

TEST_CASE("JSON is announced as application/json, in UTF-8 if anything is said of it") {
  for (const char* good : {"application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\"",
                           "application/json; profile=x"})
    CHECK(http::is_json_content_type(good));
  for (const char* bad : {"", "text/plain", "application/jsonx", "application/json; charset=latin1", "json"})
    CHECK(!http::is_json_content_type(bad));
}

TEST_CASE("Whole numbers are read within their limits and nothing else is") {
  CHECK(whole_number("1", 1, 10) == 1);
  CHECK(whole_number("10", 1, 10) == 10);
  for (const char* bad : {"", "0", "11", "+1", "1.0", " 1", "1x", "99999999999999999999"})
    CHECK(!whole_number(bad, 1, 10));
}

TEST_CASE("A feed position is written into an event id and read back") {
  const SlotOffsets next = {12, 9, 30, 77, 3};
  CHECK(slots.to_event_id("log:1", next) == "log:1:orders=12,9,30;audit=77;orders-dlq=3");
  CHECK(slots.parse_event_id(slots.to_event_id("log:1", next)) == FeedPosition("log:1", next));
  for (const char* bad : {"", "x", "log:orders=1,2;audit=3;orders-dlq=4", "log:orders=1,2,3;audit=4;orders-dlq=5;x",
                          "log:orders=1,2,3;audit=-4;orders-dlq=5", "log:orders=1,2,3;audit=4;orders-dlq=",
                          "log:orders=1,2,3;audit=4;orders-dlq=99999999999999999999"})
    CHECK(!slots.parse_event_id(bad));
}

TEST_CASE("Ids that follow each other are written as each alone, whichever offsets differ") {
  EventIdWriter ids(slots, "log:1");
  for (const SlotOffsets& next : {SlotOffsets{9, 9, 9, 9, 9}, SlotOffsets{9, 9, 9, 10, 9}, SlotOffsets{10, 9, 9, 10, 9},
                                  SlotOffsets{10, 9, 9, 10, 9}, SlotOffsets{10, 9, 9, 10, 123'456},
                                  SlotOffsets{1, 2, 3, 4, 5}, SlotOffsets{0, 0, 0, 0, 0}})
    CHECK(ids.write(next) == slots.to_event_id("log:1", next));
}

TEST_CASE("Every topic that tells of orders has its slots, those of the event stream first") {
  std::size_t count = 0;
  for (const Topic& topic : topics::table()) {
    CHECK(topic.about_orders == (topic.name != topics::module_control && topic.name != topics::module_status));
    for (std::int32_t partition = 0; topic.about_orders && partition < topic.partitions; ++partition, ++count) {
      const TopicPartition tp(topic.name, partition);
      REQUIRE(slots.find(tp).has_value());
      CHECK(slots.partition(*slots.find(tp)) == tp);
      CHECK((*slots.find(tp) < slots.shown()) == topic.on_events());
    }
  }
  CHECK(slots.size() == count);
  CHECK(!slots.find(TopicPartition("orders", 3)));
  CHECK(!slots.find(TopicPartition("module-status", 0)));
}

TEST_CASE("The topic of a plugin that is shown has slots behind the program's, in event ids, too") {
  std::vector<Topic> topics = topics::table();
  topics.emplace_back("shelves", 2).event_type = "shelf";
  topics.emplace_back("hidden", 2);
  const FeedSlots more(topics);
  CHECK(more.shown() == slots.shown() + 2);
  CHECK(more.size() == slots.size() + 2);
  CHECK(more.event_type(*more.find(TopicPartition("shelves", 1))) == "shelf");
  CHECK(!more.find(TopicPartition("hidden", 0)));
  const SlotOffsets next = {1, 2, 3, 4, 5, 6, 7};
  const std::string id = more.to_event_id("log", next);
  CHECK(id == "log:orders=1,2,3;audit=4;orders-dlq=5;shelves=6,7");
  CHECK(more.parse_event_id(id) == FeedPosition("log", next));
  CHECK(!slots.parse_event_id(id));
}

TEST_CASE("A body is relayed as it came, in one line, with its own timestamp, or as base64 if it is not JSON") {
  const auto data = [](std::string value) {
    return event_text("7", "audit", record_at("audit", 0, 1, "a", std::move(value)));
  };
  CHECK(data(R"({"timestamp":"2026-02-05T13:11:17.406Z", "x":1.50})") ==
        "id: 7\ndata: {\"type\":\"audit\",\"data\":{\"timestamp\":\"2026-02-05T13:11:17.406Z\", \"x\":1.50},"
        "\"timestamp\":\"2026-02-05T13:11:17.406Z\"}\n\n");
  CHECK(data("{\"x\":\r\n1}").find("\"data\":{\"x\":1},\"timestamp\":\"2026-02-02T02:40:00.000Z\"") !=
        std::string::npos);
  CHECK(data("\n\ndata: evil\n\n").find("\"data\":{\"base64\":\"CgpkYXRhOiBldmlsCgo=\",\"reason\":") !=
        std::string::npos);
  CHECK(data("\xff").find('\xff') == std::string::npos);
}

TEST_CASE("A malformed time is not the time of an event") {
  const auto text = event_text("7", "audit", record_at("audit", 0, 1, "a", R"({"timestamp":"yesterday"})"));
  CHECK(text.find(R"("timestamp":"2026-02-02T02:40:00.000Z"})") != std::string::npos);
}

TEST_CASE("What is no order event or audit event is not relayed as one") {
  const auto relayed = [](std::string_view topic, std::optional<std::string> value) {
    return is_relayed(record_at(std::string(topic), 0, 1, "a", std::move(value)));
  };
  for (const char* value : {"not json", "{}", R"({"action":"created"})", "[]", "7"}) {
    CHECK(!relayed("orders", value));
    CHECK(!relayed("audit", value));
    CHECK(relayed("orders-dlq", value));
  }
  CHECK(!relayed("orders", {}));
  CHECK(!relayed("audit", {}));
  CHECK(relayed("audit", R"({"source":"s","action":"a","orderId":"no UUID"})"));
}

TEST_CASE("A dead letter that tells of no order is relayed as base64 with its reason") {
  for (const char* value : {"not json", "{}", R"({"order":7})", R"("text")"}) {
    const auto text = event_text("7", "dlq", record_at("orders-dlq", 0, 1, "a", std::string(value)));
    CHECK(text.find(R"("type":"dlq","data":{"base64":")") != std::string::npos);
  }
  const std::string letter = R"({"action":"created","order":{},"reason":"Max retries exceeded"})";
  CHECK(event_text("7", "dlq", record_at("orders-dlq", 0, 1, "a", letter)).find(letter) != std::string::npos);
}

TEST_CASE("The index of recent records keeps each order's own, forgets the oldest and says from where on it is whole") {
  HistoryIndex index(slots, SlotOffsets(slots.size()), 3);
  const auto add = [&](const ConsumerRecord& read) { index.add(read, slots.find(read.position.tp).value()); };
  add(record_at("orders", 0, 0, "a"));
  add(record_at("audit", 0, 0, "b"));
  add(record_at("audit", 0, 1, "a"));
  CHECK(index.find("a", 0, 0).size() == 1);
  CHECK(index.find("a", 3, 0).size() == 1);
  CHECK(index.find("a", 3, 2).empty());
  add(record_at("orders", 0, 1, "a"));
  CHECK(index.floor()[0] == 1);
  CHECK(index.floor()[3] == 0);
  const auto left = index.find("a", 0, 0);
  REQUIRE(left.size() == 1);
  CHECK(left[0].position.offset == 1);
  add(record_at("orders", 1, 0, "c"));
  CHECK(index.find("b", 3, 0).empty());
  CHECK(index.floor()[3] == 1);
}
