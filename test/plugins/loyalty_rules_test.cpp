#include "ledger.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <vector>

using namespace foodorder;
using namespace foodorder::loyalty;

namespace {

EventKey key(int number) { return EventKey(std::to_string(number)); }

Order order(std::int64_t quantity, std::int64_t price_cents) {
  Order order;
  order.quantity = quantity;
  order.price_cents = price_cents;
  return order;
}

std::vector<std::string> top(const Ledger& ledger) {
  std::vector<std::string> customers;
  const json::object figures = ledger.figures();
  for (const json::value& customer : figures.at("topCustomers").as_array())
    customers.emplace_back(customer.at("customerName").as_string());
  return customers;
}

}  // namespace

TEST_CASE("Each whole euro of quantity times price is a point, cents left over are none") {
  CHECK(points_for(order(2, 1'299), 1) == 25);
  CHECK(points_for(order(1, 99), 1) == 0);
  CHECK(points_for(order(1, 100), 1) == 1);
  CHECK(points_for(order(3, 199), 10) == 50);  // 5.97: five whole ones, not 59.7
  CHECK(points_for(order(1'000, 100'000'00), points_per_unit_max) == 100'000'000'000);
  CHECK(points_for(order(5, 500), 0) == 0);
}

TEST_CASE("What is written of a gift is read again, also names that JSON must escape") {
  const Gift gift("Ann \"the\\eater\" \xC3\x96", 25);
  const auto body = [](const Gift& given) {
    JsonObject json;
    add_members(json, given);
    return json.take();
  };
  const Result<Gift> read = parse_gift(body(gift));
  REQUIRE(read.has_value());
  CHECK(*read == gift);
  CHECK(body(Gift("Bob", 7)) == R"({"customerName":"Bob","points":7})");
}

TEST_CASE("What no order can have earned is no gift") {
  const std::string long_name(401, 'x');
  const std::vector<std::string> bodies = {"",
                                           "[]",
                                           R"({"points":1})",
                                           R"({"customerName":"A"})",
                                           R"({"customerName":"","points":1})",
                                           R"({"customerName":7,"points":1})",
                                           R"({"customerName":")" + long_name + R"(","points":1})",
                                           R"({"customerName":"A","points":0})",
                                           R"({"customerName":"A","points":-5})",
                                           R"({"customerName":"A","points":1.5})",
                                           R"({"customerName":"A","points":100000000001})"};
  for (const std::string& body : bodies) {
    INFO(body);
    CHECK_FALSE(parse_gift(body).has_value());
  }
  CHECK(parse_gift(R"({"customerName":"A","points":100000000000})").has_value());
}

TEST_CASE("The ledger adds up per customer and counts a repeated gift once") {
  Ledger ledger(10);
  ledger.add(key(1), Gift("Alice", 25));
  ledger.add(key(2), Gift("Bob", 30));
  ledger.add(key(3), Gift("Alice", 10));
  ledger.add(key(1), Gift("Alice", 25));
  CHECK(ledger.balance("Alice") == 35);
  CHECK(ledger.balance("Bob") == 30);
  CHECK(ledger.balance("Nobody") == 0);
  CHECK(ledger.figures().at("points").as_int64() == 65);
  CHECK(ledger.figures().at("orders").as_int64() == 3);
  CHECK(top(ledger) == std::vector<std::string>{"Alice", "Bob"});
}

TEST_CASE("Customers beyond the limit are summed up, so that the totals stay right") {
  Ledger ledger(2);
  ledger.add(key(1), Gift("Alice", 1));
  ledger.add(key(2), Gift("Bob", 2));
  ledger.add(key(3), Gift("Carol", 4));
  ledger.add(key(4), Gift("Alice", 8));
  const json::object figures = ledger.figures();
  CHECK(figures.at("customers").as_int64() == 2);
  CHECK(figures.at("points").as_int64() == 15);
  CHECK(figures.at("otherPoints").as_int64() == 4);
  CHECK(ledger.balance("Alice") == 9);
  CHECK(ledger.balance("Carol") == 0);
}

TEST_CASE("The ten best customers are shown, the best first, equals by name") {
  Ledger ledger(100);
  for (int i = 0; i < 20; ++i)
    ledger.add(key(i), Gift("Customer " + std::string(1, static_cast<char>('a' + i)), i / 2 + 1));
  const auto shown = top(ledger);
  REQUIRE(shown.size() == Ledger::customers_shown);
  CHECK(shown[0] == "Customer s");
  CHECK(shown[1] == "Customer t");
  CHECK(shown[9] == "Customer l");
}
