#include "store_world.hpp"

#include "foodorder/runtime/event_headers.hpp"

#include <fmt/format.h>

using namespace foodorder;
using namespace foodorder::database;
using foodorder::test::StoreWorld;

namespace {

ReadPage read(StoreWorld& world, const std::string& topic, std::int64_t offset, std::size_t records_max = 500) {
  ReadPage all;
  for (std::int32_t partition = 0; partition < (topic.starts_with("audit") || topic == "orders-dlq" ? 1 : 3);
       ++partition) {
    ReadLimits limits;
    limits.records_max = records_max;
    ReadPage page = world.get(world.orders().read(TopicPartition(topic, partition), offset, limits));
    all.records.insert(all.records.end(), page.records.begin(), page.records.end());
    all.next_offset = page.next_offset;
    all.end_offset = page.end_offset;
  }
  return all;
}

}  // namespace

TEST_CASE("an order is a record of orders, of audit and of order-status, with the events' headers") {
  StoreWorld world;
  const Placing placed = world.place("Ada");
  const auto orders = read(world, "orders", 0);
  REQUIRE(orders.records.size() == 1);
  const Record& event = *orders.records[0].record;
  CHECK(orders.records[0].position.offset == placed.stored.version);
  CHECK(event.key() == "order-1");
  CHECK(parse_order_event(*event.value())->order == placed.stored.order);
  CHECK(find_header(event.headers, headers::ce_id) == "event-1");
  CHECK(find_header(event.headers, headers::ce_type) == "foodorder.order.created");
  const auto audit = read(world, "audit", 0);
  REQUIRE(audit.records.size() == 2);
  CHECK(find_header(audit.records[0].record->headers, headers::ce_causationid) == "event-1");
  CHECK(find_header(audit.records[1].record->headers, headers::ce_source) == "fraud-service");
  const auto trace_of = [](const Record& record) { return find_traceparent(record.headers).value().trace_id(); };
  CHECK(trace_of(*audit.records[0].record) == trace_of(event));
  const auto status = read(world, "order-status", 0);
  REQUIRE(status.records.size() == 1);
  CHECK(find_header(status.records[0].record->headers, headers::source_offset) ==
        std::to_string(placed.stored.version));
}

TEST_CASE("pages of a topic join without a gap, and end at the end of the log") {
  StoreWorld world;
  world.limit = 1000;
  for (int i = 0; i < 20; ++i) world.place("Ada");
  std::vector<std::int64_t> offsets;
  std::int64_t next = 0;
  for (ReadPage page; next < world.get(world.orders().end()); next = page.next_offset) {
    ReadLimits limits;
    limits.records_max = 3;
    page = world.get(world.orders().read(TopicPartition("audit", 0), next, limits));
    CHECK(page.records.size() <= 3);
    for (const ConsumerRecord& record : page.records) offsets.push_back(record.position.offset);
  }
  REQUIRE(offsets.size() == 40);
  for (std::size_t i = 0; i < offsets.size(); ++i) CHECK(offsets[i] == static_cast<std::int64_t>(i) + 1);
  CHECK(next == 41);
}

TEST_CASE("a page holds one record at least, and no partition that is not there") {
  StoreWorld world;
  world.place("Ada");
  ReadLimits small;
  small.bytes_max = 1;
  CHECK(world.get(world.orders().read(TopicPartition("audit", 0), 0, small)).records.size() == 1);
  const auto unknown = world.loop.run(world.orders().read(TopicPartition("orders", 3), 0, small));
  CHECK(unknown->error().code == Errc::not_found);
}

TEST_CASE("rows come in the order of their commits, with all that they mean") {
  StoreWorld world;
  world.place("Ada");
  world.place("Ben");
  const auto rows = world.get(world.orders().read_rows(0, 2));
  CHECK(rows.next == 3);
  CHECK(rows.records.size() == 4);
  const auto rest = world.get(world.orders().read_rows(rows.next, 1000));
  CHECK(rest.next == 5);
  CHECK(world.get(world.orders().read_rows(rest.next, 1000)).next == 5);
}

TEST_CASE("a time finds the first row at or after it") {
  StoreWorld world;
  world.place("Ada");
  world.loop.clock.advance(std::chrono::seconds(10));
  const Timestamp between = world.loop.clock.now();
  world.loop.clock.advance(std::chrono::seconds(10));
  world.place("Ben");
  CHECK(world.get(world.orders().offset_at(between)) == 3);
  CHECK(world.get(world.orders().offset_at(world.loop.clock.now() + std::chrono::hours(1))) == 5);
}

TEST_CASE("statistics count what was placed, whatever it was changed to") {
  StoreWorld world;
  world.limit = 1000;
  for (int i = 0; i < 3; ++i) world.place("Ada");
  const auto job = world.lease("worker-1").jobs.at(0);
  world.loop.clock.advance(std::chrono::milliseconds(40));
  world.finish(job, "worker-1", JobResult::Next::done);
  const json::object figures = world.get(world.orders().statistics(world.loop.clock.now()));
  CHECK(figures.at("orders").at("created").as_int64() == 3);
  CHECK(figures.at("revenue").as_double() == Approx(75));
  CHECK(figures.at("items").at(0).at("orders").as_int64() == 3);
  CHECK(figures.at("notifications").at("notified").as_int64() == 1);
  CHECK(figures.at("timeToNotified").at("p50Ms").as_double() == Approx(40).margin(0.1));
  CHECK(figures.at("ledger").at("waiting").as_int64() == 2);
  CHECK(figures.at("ledger").at("lost").as_int64() == 0);
}

TEST_CASE("a topic is described by its own records, though all share the numbers of rows") {
  StoreWorld world;
  world.place("Ada");
  std::int64_t events = 0;
  for (const TopicDescription& topic : world.get(world.orders().describe()))
    for (const PartitionDescription& partition : topic.partitions) {
      if (topic.name == "orders-dlq") CHECK(partition.end_offset == 0);
      if (topic.name == "audit") CHECK(partition.end_offset == 3);
      if (topic.name != "orders") continue;
      events += partition.records;
      CHECK(partition.end_offset == (partition.records == 0 ? 0 : 2));
    }
  CHECK(events == 1);
}
