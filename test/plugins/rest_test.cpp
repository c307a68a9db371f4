#include "base/fault_domain.hpp"
#include "monolith/worker_module.hpp"
#include "rest/teller.hpp"
#include "rest_shop.hpp"
#include "rules/order_changes.hpp"
#include "support/catch.hpp"
#include "support/sample_order.hpp"

using namespace foodorder;
using namespace foodorder::rest;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("An order over services is checked, stored and told, and its log reads as one") {
  Shop shop;
  const auto placed = shop.place("Ann");
  REQUIRE(placed.has_value());
  CHECK(shop.read("orders").size() == 1);
  CHECK(shop.told("order-service") == std::multiset<std::string>{"created"});
  CHECK(shop.jobs() == 1);
  const auto found = shop.finish(shop.book->find(placed->order.id));
  REQUIRE(found.has_value());
  CHECK(found->tag == placed->tag);
}

TEST_CASE("A check whose answer is lost is made twice and counts once") {
  Shop shop;
  shop.wires["fraud"].trouble = Trouble::lost_after;
  CHECK(shop.place("Ann").error().why == order::Refusal::Why::check_failed);
  CHECK(shop.wires["fraud"].requests == 2);
  shop.wires["fraud"].trouble = Trouble::none;
  for (int i = 0; i < 4; ++i) CHECK(shop.place("Ann").has_value());
  // The order that was not placed has been counted: the fraud service cannot know.
  CHECK(shop.place("Ann").error().why == order::Refusal::Why::fraud);
  CHECK(shop.read("orders").size() == 4);
}

TEST_CASE("A check that comes again behind another one of its order gets its first answer") {
  Shop shop;
  const auto check = [&](const char* event) {
    database::NewOrder order;
    order.write.event = order::placing("order", {}, shop.loop.clock.now());
    order.write.event_id = event;
    order.decide = [](const database::RecentOrders&) { return database::Verdict{false, "FRAUD_CHECK_PASSED", "{}"}; };
    return shop.finish(shop.stores["fraud"]->services().check(std::move(order))).value().known;
  };
  CHECK_FALSE(check("first"));
  CHECK_FALSE(check("second"));
  CHECK(check("first"));
  CHECK(shop.finish(shop.stores["fraud"]->orders().end()).value() == 3);  // two verdicts
}

TEST_CASE("Without a verdict an order is refused by the deadline, and at once behind an open breaker") {
  Shop shop;
  shop.wires["fraud"].trouble = Trouble::slow;
  Timestamp begun = shop.loop.clock.now();
  CHECK(shop.place("Ann").error().why == order::Refusal::Why::check_failed);
  CHECK(shop.loop.clock.now() - begun <= Duration(seconds(1)));
  for (int i = 0; i < 4; ++i) CHECK_FALSE(shop.place("Ann").has_value());
  CHECK(shop.arrows->check.caller->breaker() == calls::Breaker::State::open);
  begun = shop.loop.clock.now();
  CHECK_FALSE(shop.place("Ann").has_value());
  CHECK(shop.loop.clock.now() - begun <= Duration(milliseconds(5)));
  shop.wires["fraud"].trouble = Trouble::none;
  shop.loop.run_for(seconds(5));
  CHECK(shop.place("Ben").has_value());
  CHECK(shop.read("orders").size() == 1);
}

TEST_CASE("An order that nobody could check is accepted where that is wanted, and audit says so") {
  Shop shop(OnFraudDown::accept);
  shop.wires["fraud"].trouble = Trouble::down;
  CHECK(shop.place("Ann").has_value());
  CHECK(shop.told("order-service") == std::multiset<std::string>{"FRAUD_CHECK_SKIPPED", "created"});
}

TEST_CASE("What fails behind the insert is a gap, and the order stands") {
  for (const Trouble trouble : {Trouble::down, Trouble::lost_before, Trouble::slow}) {
    Shop shop;
    shop.wires["notification"].trouble = shop.wires["audit"].trouble = trouble;
    const Timestamp begun = shop.loop.clock.now();
    CHECK(shop.place("Ann").has_value());
    CHECK(shop.loop.clock.now() - begun <= Duration(milliseconds(700)));
    CHECK(shop.arrows->notify.gaps == 1);
    CHECK(shop.arrows->audit.gaps == 1);
    CHECK(shop.jobs() == 0);
    CHECK(shop.told("order-service").empty());
  }
}

TEST_CASE("What was told and not heard is told twice and done once") {
  Shop shop;
  shop.wires["notification"].trouble = shop.wires["audit"].trouble = Trouble::lost_after;
  CHECK(shop.place("Ann").has_value());
  CHECK(shop.wires["notification"].requests == 2);
  CHECK(shop.jobs() == 1);
  CHECK(shop.told("order-service") == std::multiset<std::string>{"created"});
  CHECK(shop.arrows->notify.gaps == 1);  // the order service cannot know better
}

TEST_CASE("With an outbox a row is told until it is taken, and no later one of its order before it") {
  Shop shop(OnFraudDown::reject, true);
  shop.wires["audit"].trouble = Trouble::down;
  for (int i = 0; i < 2; ++i) CHECK(shop.place("customer " + std::to_string(i)).has_value());
  CHECK(shop.remove(shop.place("customer 2")->order.id));
  CHECK(shop.jobs() == 0);
  FaultDomain first(shop.loop.context.get_executor(), "order-1");
  Teller teller({*shop.stores["order"], shop.loop.clock, shop.arrows->audit, &shop.arrows->notify, true});
  asio::co_spawn(first.get_executor(), teller.run(), asio::detached);
  shop.loop.run_for(seconds(3));
  CHECK(shop.jobs() == 3);  // those of the first rows, whose audit is not taken yet
  first.crash();
  shop.loop.run_ready();
  CHECK(shop.loop.finish(shop.stores["order"]->services().told()).value() == 1);
  shop.wires["audit"].trouble = Trouble::none;
  shop.arrows->audit.next_row.reset();  // another process
  Teller second({*shop.stores["order"], shop.loop.clock, shop.arrows->audit, &shop.arrows->notify, true});
  asio::co_spawn(shop.loop.context, second.run(), asio::detached);
  shop.loop.run_for(seconds(20));
  CHECK(shop.jobs() == 4);
  CHECK(shop.told("order-service") == std::multiset<std::string>{"created", "created", "created", "deleted"});
  CHECK(shop.loop.finish(shop.stores["order"]->services().told()).value() == 5);
  CHECK(shop.arrows->audit.gaps == 0);
  second.stop();
  shop.loop.run_ready();
}

TEST_CASE("What was told is not taken back by a write that comes late") {
  Shop shop;
  database::ServiceTables& order = shop.stores["order"]->services();
  CHECK(shop.loop.finish(order.set_told(4)).has_value());
  CHECK(shop.loop.finish(order.set_told(2)).has_value());
  CHECK(shop.loop.finish(order.told()).value() == 4);
}

TEST_CASE("Without an outbox what a service could not tell is a gap, and the next row is told") {
  Shop shop;
  Teller teller({*shop.stores["fraud"], shop.loop.clock, shop.arrows->fraud_audit, nullptr, false});
  asio::co_spawn(shop.loop.context, teller.run(), asio::detached);
  shop.loop.run_ready();
  CHECK(shop.place("Ann").has_value());
  shop.loop.run_for(seconds(1));
  CHECK(shop.told("fraud-service") == std::multiset<std::string>{"FRAUD_CHECK_PASSED"});
  shop.arrows->fraud_audit.caller->set_fault([] {
    calls::Fault fault;
    fault.refuse = true;
    return fault;
  }());
  CHECK(shop.place("Ben").has_value());
  shop.loop.run_for(seconds(1));
  shop.arrows->fraud_audit.caller->set_fault({});
  CHECK(shop.place("Eve").has_value());
  shop.loop.run_for(seconds(1));
  CHECK(shop.told("fraud-service").size() == 2);
  CHECK(shop.arrows->fraud_audit.gaps == 1);
  teller.stop();
  shop.loop.run_ready();
}

TEST_CASE("What an order has caused is kept: its steps, a try that was lost, and what was told later") {
  Shop shop;
  Teller teller({*shop.stores["fraud"], shop.loop.clock, shop.arrows->fraud_audit, nullptr, false});
  asio::co_spawn(shop.loop.context, teller.run(), asio::detached);
  shop.loop.run_ready();
  shop.wires["audit"].trouble = Trouble::down;
  const auto placed = shop.place("Ann");
  shop.wires["audit"].trouble = Trouble::none;
  shop.loop.run_for(seconds(1));
  const json::object tree = shop.arrows->trees.of(placed->order.id).value();
  std::vector<std::string> told;
  for (const json::value& step : tree.at("steps").as_array())
    told.push_back(fmt::format("{} {}", text_at(step.as_object(), "step"), text_at(step.as_object(), "outcome")));
  std::size_t tries = 0;
  for (const json::value& call : tree.at("calls").as_array()) {
    const json::object& of = call.as_object();
    told.push_back(fmt::format("{} {} {}", text_at(of, "arrow"), text_at(of, "event"), text_at(of, "outcome")));
    tries = std::max(tries, of.at("tries").as_array().size());
  }
  CHECK(told == std::vector<std::string>{"place placed", "insert inserted", "order-fraud-check created answered",
                                         "order-notification-notify created answered",
                                         "order-audit-audit created failed",
                                         "fraud-audit-audit FRAUD_CHECK_PASSED answered"});
  CHECK(tries == 2);
  teller.stop();
  shop.loop.run_ready();
}
