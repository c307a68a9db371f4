#include "base/fault_domain.hpp"
#include "rest_shop.hpp"
#include "support/catch.hpp"

#include <array>

using namespace foodorder;
using namespace foodorder::rest;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// A customer who has one order has four more, and no fifth.
void check_counts_one(Shop& shop, const std::string& customer) {
  for (int i = 0; i < 4; ++i) CHECK(shop.place(customer).has_value());
  CHECK(shop.place(customer).error().why == Why::fraud);
}

}  // namespace

TEST_CASE("An order that is asked for again under its key takes the place of its first check") {
  Shop shop;
  shop.wires["fraud"].trouble = Trouble::lost_after;
  CHECK_FALSE(shop.place("Ann", "key").has_value());
  shop.wires["fraud"].trouble = Trouble::none;
  CHECK(shop.place("Ann", "key").has_value());
  for (int i = 0; i < 4; ++i) CHECK(shop.place("Ann").has_value());
  CHECK(shop.place("Ann").error().why == order::Refusal::Why::fraud);
  const std::size_t checks = shop.wires["fraud"].requests;
  CHECK(shop.place("Ann", "key").has_value());
  CHECK(shop.wires["fraud"].requests == checks);  // it is known: the answer is the first one
}

TEST_CASE("Of requests at once under one key fraud is asked about one, and all get its outcome") {
  Shop shop;
  const auto other = shop.another_book(shop.placings);
  std::array<std::optional<Booked>, 2> answers;
  shop.begin(*shop.book, "Ann", answers[0]);
  shop.begin(*other, "Ann", answers[1]);
  shop.loop.run_for(seconds(1));
  CHECK(answers[0].value()->order.id == answers[1].value()->order.id);
  CHECK(answers[0].value()->tag == answers[1].value()->tag);
  CHECK(shop.wires["fraud"].requests == 1);
  CHECK(shop.read("orders").size() == 1);
}

TEST_CASE("Requests at once under one key wait no longer than one where nobody can check it") {
  Shop shop;
  shop.wires["fraud"].trouble = Trouble::slow;
  std::array<std::optional<Booked>, 3> answers;
  for (auto& answer : answers) shop.begin(*shop.book, "Ann", answer);
  shop.loop.run_for(seconds(1));
  for (const auto& answer : answers) CHECK(answer.value().error().why == Why::check_failed);
  CHECK(shop.arrows->check.caller->counts().tries == 2);
}

TEST_CASE("A second request with another body takes nothing back from the order that its key places") {
  Shop shop;
  for (int i = 0; i < 5; ++i) CHECK(shop.place("Ann").has_value());
  std::array<std::optional<Booked>, 2> answers;
  shop.begin(*shop.book, "Ben", answers[0]);
  shop.begin(*shop.book, "Ann", answers[1]);
  shop.loop.run_for(seconds(1));
  CHECK(answers[0].value().has_value());
  CHECK(answers[1].value().error().why == Why::key_reused);
  check_counts_one(shop, "Ben");
}

TEST_CASE("Nor does one of another process, whose check is blocked before the order is there") {
  Shop shop;
  KeyedPlacings others;
  const auto other = shop.another_book(others);
  for (int i = 0; i < 5; ++i) CHECK(shop.place("Ann").has_value());
  std::array<std::optional<Booked>, 2> answers;
  shop.begin(*shop.book, "Ben", answers[0]);
  shop.begin(*other, "Ann", answers[1]);
  shop.loop.run_for(seconds(1));
  CHECK(shop.wires["fraud"].requests == 7);
  CHECK(answers[0].value().has_value());
  CHECK_FALSE(answers[1].value().has_value());
  check_counts_one(shop, "Ben");
}

TEST_CASE("Where the request that decides for others crashes, the next one decides") {
  Shop shop;
  FaultDomain first(shop.loop.context.get_executor(), "order-1");
  std::array<std::optional<Booked>, 2> answers;
  shop.wires["fraud"].trouble = Trouble::slow;
  asio::co_spawn(first.get_executor(), Shop::place_with_key(*shop.book, "Ann", answers[0]), asio::detached);
  shop.loop.run_for(milliseconds(50));
  shop.begin(*shop.book, "Ann", answers[1]);
  shop.loop.run_for(milliseconds(50));
  shop.wires["fraud"].trouble = Trouble::none;
  first.crash();
  shop.loop.run_for(milliseconds(50));
  REQUIRE(answers[1].has_value());
  CHECK(answers[1]->has_value());
}
