#include "rules/order_ledger.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::analytics;

namespace {

EventKey key(int number) { return EventKey(std::to_string(number)); }

OrderLedger::Place at(std::int32_t partition, std::int64_t offset) { return {partition, offset}; }

std::int64_t figure(const OrderLedger& ledger, std::string_view name) { return ledger.figures().at(name).as_int64(); }

bool adds_up(const OrderLedger& ledger) {
  return figure(ledger, "accepted") ==
         figure(ledger, "notified") + figure(ledger, "gaveUp") + figure(ledger, "dropped") + figure(ledger, "waiting");
}

}  // namespace

TEST_CASE("An event waits until it is notified, given up or dropped") {
  OrderLedger ledger;
  for (int event = 1; event <= 4; ++event) ledger.delivery(key(event), at(event % 3, event), false);
  ledger.report(key(11), key(1), "NOTIFIED");
  ledger.report(key(12), key(2), "RETRY");
  ledger.report(key(13), key(2), "DLQ");
  ledger.report(key(14), key(3), "DROPPED");
  ledger.report(key(15), key(4), "STATS_UPDATED");
  CHECK(figure(ledger, "accepted") == 4);
  CHECK(figure(ledger, "notified") == 1);
  CHECK(figure(ledger, "gaveUp") == 1);
  CHECK(figure(ledger, "dropped") == 1);
  CHECK(figure(ledger, "waiting") == 1);
  CHECK(ledger.figures().at("waitingByPartition") == json::array{0, 1, 0});
  CHECK(figure(ledger, "doneTwice") == 0);
}

TEST_CASE("What is done twice is counted apart, and changes no outcome") {
  OrderLedger ledger;
  ledger.delivery(key(1), at(0, 0), false);
  ledger.delivery(key(1), at(0, 1), false);
  SECTION("the same report again") {
    ledger.report(key(11), key(1), "NOTIFIED");
    ledger.report(key(11), key(1), "NOTIFIED");
  }
  SECTION("another outcome, after the fail rate was changed") {
    ledger.report(key(11), key(1), "NOTIFIED");
    ledger.report(key(12), key(1), "DROPPED");
  }
  SECTION("the same retry again") {
    ledger.report(key(10), key(1), "RETRY");
    ledger.report(key(10), key(1), "RETRY");
    ledger.report(key(11), key(1), "NOTIFIED");
  }
  CHECK(figure(ledger, "accepted") == 1);
  CHECK(figure(ledger, "notified") == 1);
  CHECK(figure(ledger, "waiting") == 0);
  CHECK(figure(ledger, "doneTwice") == 1);
}

TEST_CASE("A dead letter and its report are one outcome, in any order") {
  OrderLedger ledger;
  ledger.delivery(key(1), at(0, 0), false);
  SECTION("the letter first") {
    ledger.letter(key(20), key(1), false);
    ledger.report(key(21), key(1), "DLQ");
  }
  SECTION("the report first") {
    ledger.report(key(21), key(1), "DLQ");
    ledger.letter(key(20), key(1), false);
  }
  SECTION("the letter alone, as for a record that cannot be read") { ledger.letter(key(20), key(1), true); }
  CHECK(figure(ledger, "gaveUp") == 1);
  CHECK(figure(ledger, "doneTwice") == 0);
  CHECK(adds_up(ledger));
  ledger.letter(key(20), key(1), true);
  ledger.letter(key(20), key(1), true);
  CHECK(figure(ledger, "gaveUp") == 1);
}

TEST_CASE("An outcome that is read before its event counts once the event is read") {
  OrderLedger ledger;
  ledger.report(key(11), key(1), "NOTIFIED");
  CHECK(figure(ledger, "notified") == 0);
  CHECK(adds_up(ledger));
  ledger.delivery(key(1), at(0, 0), false);
  ledger.delivery(key(1), at(0, 7), true);
  CHECK(figure(ledger, "accepted") == 1);
  CHECK(figure(ledger, "notified") == 1);
  CHECK(figure(ledger, "waiting") == 0);
}

TEST_CASE("A retry whose first delivery retention removed is no new event") {
  OrderLedger ledger;
  ledger.delivery(key(1), at(0, 5), true);
  ledger.report(key(11), key(1), "NOTIFIED");
  CHECK(figure(ledger, "accepted") == 0);
  CHECK(adds_up(ledger));
}

TEST_CASE("An event is lost if its group has committed past its last delivery") {
  OrderLedger ledger;
  ledger.delivery(key(1), at(0, 5), false);
  ledger.delivery(key(2), at(1, 5), false);
  ledger.delivery(key(2), at(1, 9), true);
  ledger.delivery(key(3), at(2, 5), false);
  ledger.committed({{0, 6}, {1, 9}, {2, 5}});
  CHECK(figure(ledger, "lost") == 1);
  CHECK(ledger.figures().at("lostAt") == json::array{"p0@5"});
  CHECK(figure(ledger, "waiting") == 3);
  ledger.committed({});
  CHECK(figure(ledger, "lost") == 0);
}

TEST_CASE("Events beyond the limit of those that wait are counted apart") {
  OrderLedger ledger;
  for (std::size_t event = 0; event <= OrderLedger::waiting_max; ++event)
    ledger.delivery(EventKey(std::to_string(event)), at(0, static_cast<std::int64_t>(event)), false);
  CHECK(ledger.waiting() == static_cast<std::int64_t>(OrderLedger::waiting_max));
  CHECK(figure(ledger, "uncounted") == 1);
  CHECK(adds_up(ledger));
}
