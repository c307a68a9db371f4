#include "app/commands/order_statuses.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using app::OrderStatuses;

namespace {

class Log {
 public:
  void add(std::string id, std::optional<std::string> value) {
    const TopicPartition partition("order-status", 0);
    Record record(id, value);
    statuses.take(ConsumerRecord(Position(partition, offset_++), std::make_shared<Record>(std::move(record))));
  }
  void add(const std::string& id, std::string_view status, std::string_view updated) {
    add(id, serialize_json(json::object{
                {"id", id}, {"customerName", "Zoë"}, {"item", "Pizza"}, {"status", status}, {"updatedAt", updated}}));
  }

  OrderStatuses statuses;

 private:
  std::int64_t offset_ = 0;
};

}  // namespace

TEST_CASE("Each order has its newest status, and one that was deleted none") {
  Log log;
  log.add("a", "created", "2026-02-05T13:00:01.000Z");
  log.add("b", "created", "2026-02-05T13:00:02.000Z");
  log.add("c", "created", "2026-02-05T13:00:03.000Z");
  log.add("a", "ready", "2026-02-05T13:00:04.000Z");
  log.add("b", {});
  log.statuses.set_written(9);
  CHECK(log.statuses.as_text() ==
        "ORDER  STATUS   CUSTOMER  ITEM   UPDATED\n"
        "c      created  Zoë       Pizza  2026-02-05T13:00:03.000Z\n"
        "a      ready    Zoë       Pizza  2026-02-05T13:00:04.000Z\n"
        "\n"
        "2 living orders from 5 records of order-status, 1 tombstone; 9 written in all\n");
  const json::object all = json::parse(log.statuses.as_json()).as_object();
  CHECK(all.at("orders").as_array().size() == 2);
  CHECK(all.at("orders").at(1).at("status").as_string() == "ready");
  CHECK(all.at("living") == 2);
  CHECK(all.at("records") == 5);
  CHECK(all.at("tombstones") == 1);
  CHECK(all.at("written") == 9);
}

TEST_CASE("An order that is placed again after its deletion lives; a tombstone of an unknown one changes nothing") {
  Log log;
  log.add("a", {});
  log.add("b", {});
  log.add("a", "created", "2026-02-05T13:00:01.000Z");
  CHECK(log.statuses.as_text().ends_with(
      "1 living order from 3 records of order-status, 2 tombstones; 0 written in all\n"));
}

TEST_CASE("Without a living order there is no table") {
  const Log log;
  CHECK(log.statuses.as_text() == "0 living orders from 0 records of order-status, 0 tombstones; 0 written in all\n");
  CHECK(json::parse(log.statuses.as_json()).at("orders").as_array().empty());
}

TEST_CASE("What somebody else wrote and tells no status is no living order, and changes none") {
  Log log;
  log.add("a", "created", "2026-02-05T13:00:01.000Z");
  for (const char* foreign : {"x", "{}", "null", "[[[", R"({"id":"a","status":"ready"})"}) log.add("a", foreign);
  log.add("z", R"({"id":7,"status":"created","updatedAt":"2026-02-05T13:00:01.000Z"})");
  const std::string text = log.statuses.as_text();
  CHECK(text.find("\na      created") != std::string::npos);
  CHECK(
      text.ends_with("1 living order from 7 records of order-status, 0 tombstones, 6 foreign records that tell no "
                     "status; 0 written in "
                     "all\n"));
  CHECK(json::parse(log.statuses.as_json()).at("ignored") == 6);
}

TEST_CASE("What somebody else wrote commands no terminal") {
  Log log;
  log.add("b", "\x1b[2J", "2026-02-05T13:00:01.000Z");
  const std::string text = log.statuses.as_text();
  CHECK(text.find("\\x1b[2J") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("Of an order that stands in two partitions the later record counts, whichever is read first") {
  const auto at = [](std::int32_t partition, int second, std::string_view status) {
    Record record(
        "a", serialize_json(json::object{{"id", "a"}, {"status", status}, {"updatedAt", "2026-02-05T13:00:01.000Z"}}));
    record.timestamp = Timestamp(std::chrono::seconds(second));
    return ConsumerRecord(Position(TopicPartition("order-status", partition), 0),
                          std::make_shared<Record>(std::move(record)));
  };
  for (const bool swapped : {false, true}) {
    OrderStatuses statuses;
    statuses.take(swapped ? at(1, 5, "ready") : at(0, 4, "cooking"));
    statuses.take(swapped ? at(0, 4, "cooking") : at(1, 5, "ready"));
    CHECK(json::parse(statuses.as_json()).at("orders").at(0).at("status").as_string() == "ready");
  }
}
