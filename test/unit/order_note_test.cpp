// Compiled with a header in which the order has one field more, `note` (CMakeLists.txt), and the sources as they are.
#include "foodorder/domain/order.hpp"
#include "support/catch.hpp"

#include <string>

using namespace foodorder;

namespace {

constexpr const char* noted = R"({"customerName":"Alice","item":"Pizza","quantity":2,"price":5,"note":" no olives "})";
constexpr const char* plain = R"({"customerName":"Alice","item":"Pizza","quantity":2,"price":5})";

OrderEvent event_of(const char* request) {
  OrderEvent event;
  event.order.id = "7d444840-9dc0-41e1-8d52-11f5a0c4f1a9";
  event.order.status = "created";
  merge(event.order, parse_new_order(request).fields);
  return event;
}

}  // namespace

TEST_CASE("A new field is read, checked and named by the one line of the table") {
  CHECK(parse_new_order(noted).fields.values.note == "no olives");
  CHECK(parse_new_order(plain).errors.empty());
  const ParsedFields wrong = parse_new_order(R"({"customerName":"A","item":"B","quantity":1,"price":1,"note":7})");
  REQUIRE(wrong.errors.size() == 1);
  CHECK(wrong.errors[0].field == "note");
  CHECK(wrong.errors[0].message.starts_with("must be a string of 1 to 100 characters"));
  CHECK(parse_order_update("{}").errors[0].message ==
        "must have at least one of customerName, item, quantity, price, status, note");
}

TEST_CASE("A new field is merged, written and read back, and records without it stay readable") {
  const OrderEvent event = event_of(noted);
  CHECK(to_json(event).find(R"("note":"no olives")") != std::string::npos);
  CHECK(parse_order_event(to_json(event)).value() == event);
  CHECK(to_json(event_of(plain)).find("note") == std::string::npos);
  CHECK(parse_order_event(to_json(event_of(plain))).value() == event_of(plain));
}

TEST_CASE("A new field counts in the fingerprint of a request") {
  CHECK(fingerprint(parse_new_order(noted).fields) != fingerprint(parse_new_order(plain).fields));
}
