#include "order/status_reconciler.hpp"
#include "store_writes.hpp"
#include "support/catch.hpp"

#include <string>

using namespace foodorder;
using namespace foodorder::order;
using namespace foodorder::test;

namespace {

constexpr Timestamp epoch = sample_time;

/// This process has had every partition from its beginning on.
std::optional<std::int64_t> mine(std::int32_t) { return 0; }

LandedStatus landed(std::string_view id, std::int64_t source_offset, std::optional<std::string> value) {
  return LandedStatus(std::make_shared<const Record>(id, value), LogPlace{0, source_offset});
}

LandedStatus landed(const OrderStatus& written) {
  return LandedStatus(std::make_shared<const Record>(written.id, written.value), written.source);
}

}  // namespace

TEST_CASE("An older status that lands after a newer one is written again, once") {
  OrderStore store(10);
  StatusReconciler reconciler(store);
  const auto known = [](const LogPlace&) { return true; };
  const auto land = [&](std::int64_t offset, std::optional<std::string> value) {
    reconciler.take(landed("a", offset, std::move(value)), epoch);
    return reconciler.corrections(known, mine, epoch);
  };
  created(store, "a", 1);
  const std::string first = status_json(store.find("a")->order, epoch).str();
  CHECK(land(1, first).empty());
  updated(store, "a", 2, 5);
  CHECK(land(1, first).empty());  // the newer one is on its way
  const std::string second = status_json(store.find("a")->order, epoch).str();
  CHECK(land(2, second).empty());
  const auto again = land(1, first);
  REQUIRE(again.size() == 1);
  CHECK(again[0] == OrderStatus("a", LogPlace{0, 2}, second));
  CHECK(land(2, second).empty());
}

TEST_CASE("A status that brings back a deleted order is taken away again, once") {
  OrderStore store(10);
  StatusReconciler reconciler(store);
  bool folded = false;
  const auto known = [&](const LogPlace&) { return folded; };
  created(store, "a", 1);
  deleted(store, "a", 2);
  updated(store, "a", 3, 1);  // sent by a process that did not know
  reconciler.take(landed("a", 3, "{}"), epoch);
  CHECK(reconciler.corrections(known, mine, epoch).empty());
  folded = true;
  const auto again = reconciler.corrections(known, mine, epoch);
  REQUIRE(again.size() == 1);
  CHECK(again[0] == OrderStatus("a", LogPlace{0, 3}, std::nullopt));
  reconciler.take(landed(again[0]), epoch);
  CHECK(reconciler.corrections(known, mine, epoch).empty());
}

TEST_CASE("An older status that is all that compaction left is written again by who began behind the newer one") {
  OrderStore store(10);
  StatusReconciler reconciler(store);
  const auto known = [](const LogPlace&) { return true; };
  std::int64_t began = 2;
  const auto owner = [&](std::int32_t) { return std::optional(began); };
  created(store, "a", 1);
  const std::string first = status_json(store.find("a")->order, epoch).str();
  updated(store, "a", 2, 5);
  reconciler.take(landed("a", 1, first), epoch);
  CHECK(reconciler.corrections(known, {}, epoch).empty());
  CHECK(reconciler.corrections(known, owner, epoch).empty());  // it writes what follows from 2 itself
  began = 3;
  const auto again = reconciler.corrections(known, owner, epoch);
  REQUIRE(again.size() == 1);
  CHECK(again[0] == OrderStatus("a", LogPlace{0, 2}, status_json(store.find("a")->order, epoch).str()));
  CHECK(reconciler.corrections(known, owner, epoch).empty());
  reconciler.take(landed(again[0]), epoch);
  CHECK(reconciler.corrections(known, owner, epoch).empty());
  CHECK(reconciler.idle());
}

TEST_CASE("A status that will never be known holds up its own order for a while, and no other") {
  OrderStore store(10);
  StatusReconciler reconciler(store);
  constexpr std::int64_t never = 9'000'000'000'000'000;
  const auto known = [](const LogPlace& place) { return place.offset < never; };
  created(store, "a", 1);
  created(store, "b", 2);
  reconciler.take(landed("a", never, "{}"), epoch);
  reconciler.take(landed("b", 2, "{}"), epoch);
  reconciler.take(landed("a", 1, "{}"), epoch);
  const auto others = reconciler.corrections(known, mine, epoch);
  REQUIRE(others.size() == 1);
  CHECK(others[0].id == "b");
  CHECK(reconciler.waiting() == 2);
  CHECK(reconciler.corrections(known, mine, epoch + StatusReconciler::wait_max - Duration(1)).empty());
  const auto own = reconciler.corrections(known, mine, epoch + StatusReconciler::wait_max);
  REQUIRE(own.size() == 1);
  CHECK(own[0] == OrderStatus("a", LogPlace{0, 1}, status_json(store.find("a")->order, epoch).str()));
  CHECK(reconciler.waiting() == 0);
}

TEST_CASE(
    "A wrong status that its owner has not written again is written by the next owner, unless it is right by then") {
  OrderStore store(10);
  StatusReconciler reconciler(store);
  bool owned = false;
  const auto known = [](const LogPlace&) { return true; };
  const auto owner = [&](std::int32_t) { return owned ? std::optional<std::int64_t>(0) : std::nullopt; };
  created(store, "a", 1);
  created(store, "b", 2);
  created(store, "c", 3);
  for (const char* id : {"a", "b", "c"}) reconciler.take(landed(id, 5, "{}"), epoch);
  CHECK(reconciler.corrections(known, owner, epoch).empty());
  CHECK(!reconciler.idle());
  reconciler.take(landed("b", 5, status_json(store.find("b")->order, epoch).str()), epoch);  // by its owner
  CHECK(reconciler.corrections(known, owner, epoch).empty());
  updated(store, "c", 6, 2);  // its status is on its way
  owned = true;
  const auto taken_over = reconciler.corrections(known, owner, epoch);
  REQUIRE(taken_over.size() == 1);
  CHECK(taken_over[0] == OrderStatus("a", LogPlace{0, 5}, status_json(store.find("a")->order, epoch).str()));
  CHECK(reconciler.corrections(known, owner, epoch).empty());
  reconciler.take(landed(taken_over[0]), epoch);
  reconciler.take(landed("c", 6, status_json(store.find("c")->order, epoch).str()), epoch);
  CHECK(reconciler.corrections(known, owner, epoch).empty());
  CHECK(reconciler.idle());
}
