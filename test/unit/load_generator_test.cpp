#include "app/load_generator.hpp"

#include "foodorder/domain/order.hpp"
#include "support/catch.hpp"
#include "support/virtual_loop.hpp"

#include <boost/asio/detached.hpp>
#include <map>
#include <string>
#include <vector>

using namespace foodorder;
using namespace foodorder::app;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

using Load = LoadGenerator::Load;

/// A load generator whose orders come to the test instead of the order module.
struct Kitchen {
  Kitchen() { asio::co_spawn(loop.context, load.run(), asio::detached); }
  ~Kitchen() {
    load.stop();
    let_go();
    loop.run_for(milliseconds(20));
  }

  Task<http::Response> place(http::Request& request) {
    bodies.emplace_back(request.body);
    if (holds) co_await park<Wake>([&](Waiter<Wake> waiter) { held.push_back(std::move(waiter)); });
    co_return http::Response(answer, "application/json", "{}");
  }
  void let_go() {
    for (const Waiter<Wake>& waiter : std::exchange(held, {})) waiter.complete(Wake{});
  }
  [[nodiscard]] std::uint64_t figure(const char* name) const {
    return load.status().at(name).to_number<std::uint64_t>();
  }
  [[nodiscard]] bool running() const { return load.status().at("running").as_bool(); }

  VirtualLoop loop;
  int answer = 201;
  bool holds = false;
  std::vector<std::string> bodies;
  std::vector<Waiter<Wake>> held;
  LoadGenerator load{loop.clock, [this](http::Request& request) { return place(request); }};
};

std::map<std::string, int> customers_of(LoadScenario scenario, std::uint64_t count) {
  std::map<std::string, int> orders;
  for (std::uint64_t number = 0; number < count; ++number)
    ++orders[parse_new_order(load_order(scenario, 1, number)).fields.values.customer_name];
  return orders;
}

}  // namespace

TEST_CASE("A load places so many orders a second until it is ended") {
  Kitchen kitchen;
  CHECK(!kitchen.running());
  kitchen.load.set(Load{50, LoadScenario::steady, 7});
  kitchen.loop.run_for(seconds(10));
  CHECK(kitchen.bodies.size() >= 499);
  CHECK(kitchen.bodies.size() <= 501);
  CHECK(kitchen.figure("accepted") == kitchen.bodies.size());
  kitchen.load.end();
  const std::size_t placed = kitchen.bodies.size();
  kitchen.loop.run_for(seconds(2));
  CHECK(kitchen.bodies.size() == placed);
  CHECK(!kitchen.running());
  CHECK(kitchen.figure("accepted") == placed);
}

TEST_CASE("A load ends after 10 minutes unless it is renewed") {
  Kitchen kitchen;
  kitchen.load.set(Load{0.1, LoadScenario::steady, 7});
  kitchen.loop.run_for(minutes(9));
  kitchen.load.set(Load{0.1, LoadScenario::steady, 7});
  kitchen.loop.run_for(minutes(9));
  CHECK(kitchen.running());
  CHECK(kitchen.figure("sent") >= 107);  // renewed is not begun anew
  kitchen.loop.run_for(minutes(2));
  CHECK(!kitchen.running());
}

TEST_CASE("Another load replaces the one that runs, and a rate of 0 ends it") {
  Kitchen kitchen;
  kitchen.load.set(Load{100, LoadScenario::steady, 7});
  kitchen.loop.run_for(seconds(1));
  kitchen.load.set(Load{10, LoadScenario::greedy, 7});
  kitchen.loop.run_for(seconds(1));
  CHECK(kitchen.figure("sent") >= 9);
  CHECK(kitchen.figure("sent") <= 11);
  kitchen.load.set(Load{0, LoadScenario::steady, 0});
  CHECK(!kitchen.running());
}

TEST_CASE("Orders that are not answered are bounded, and those that are not sent are counted") {
  Kitchen kitchen;
  kitchen.holds = true;
  kitchen.load.set(Load{2000, LoadScenario::steady, 7});
  kitchen.loop.run_for(seconds(1));
  CHECK(kitchen.bodies.size() == LoadGenerator::in_flight_max_orders);
  CHECK(kitchen.figure("inFlight") == LoadGenerator::in_flight_max_orders);
  CHECK(kitchen.figure("notSent") > 1000);
  kitchen.let_go();
  kitchen.loop.run_for(milliseconds(100));
  CHECK(kitchen.figure("accepted") >= LoadGenerator::in_flight_max_orders);
}

TEST_CASE("An order that is refused is counted as refused") {
  Kitchen kitchen;
  kitchen.answer = 503;
  kitchen.load.set(Load{10, LoadScenario::steady, 7});
  kitchen.loop.run_for(seconds(1));
  CHECK(kitchen.figure("refused") == kitchen.bodies.size());
  CHECK(kitchen.figure("accepted") == 0);
}

TEST_CASE("A burst has the same orders in ten seconds, all of them in the first two") {
  CHECK(orders_due(LoadScenario::burst, 10, seconds(1)) == 50);
  CHECK(orders_due(LoadScenario::burst, 10, seconds(2)) == 100);
  CHECK(orders_due(LoadScenario::burst, 10, seconds(9)) == 100);
  CHECK(orders_due(LoadScenario::burst, 10, seconds(11)) == 150);
  CHECK(orders_due(LoadScenario::steady, 10, seconds(11)) == 110);
  CHECK(orders_due(LoadScenario::steady, 10, -seconds(1)) == 0);
}

TEST_CASE("Each order of each scenario is one that the order service takes, and the same for the same seed") {
  for (const LoadScenario scenario : {LoadScenario::steady, LoadScenario::burst, LoadScenario::greedy})
    for (std::uint64_t number = 0; number < 500; ++number) {
      const std::string body = load_order(scenario, 42, number);
      CAPTURE(body);
      CHECK(parse_new_order(body).errors.empty());
      CHECK(load_order(scenario, 42, number) == body);
    }
  CHECK(load_order(LoadScenario::steady, 1, 0) != load_order(LoadScenario::steady, 2, 0));
}

TEST_CASE("One greedy customer has every second order, and ordinary ones are many") {
  CHECK(customers_of(LoadScenario::greedy, 1000).at("Greedy Gus") == 500);
  CHECK(customers_of(LoadScenario::steady, 1000).size() > 150);
}
