#include "foodorder/domain/order.hpp"

#include "foodorder/base/json.hpp"
#include "support/catch.hpp"

#include <string>

using namespace foodorder;

namespace {

std::string body(const std::string& name, const std::string& item, const std::string& quantity,
                 const std::string& price) {
  return R"({"customerName":)" + name + R"(,"item":)" + item + R"(,"quantity":)" + quantity + R"(,"price":)" + price +
         "}";
}

ParsedFields priced(const std::string& price) { return parse_new_order(body("\"Alice\"", "\"Pizza\"", "2", price)); }

std::string quoted(const std::string& text) { return serialize_json(json::value(text)); }

bool name_ok(const std::string& name) {
  return parse_new_order(body(quoted(name), "\"Pizza\"", "1", "1")).errors.empty();
}

/// The fields that are wrong, in the order in which they are named.
std::string wrong(const ParsedFields& parsed) {
  std::string fields;
  for (const FieldError& error : parsed.errors) fields += error.field + ";";
  return fields;
}

Order an_order() {
  Order order;
  order.id = "7d444840-9dc0-41e1-8d52-11f5a0c4f1a9";
  order.customer_name = "Al\"ice";
  order.item = "Pizza";
  order.quantity = 2;
  order.price_cents = 1299;
  order.status = "created";
  order.created_at = *parse_iso("2026-02-05T13:11:17.406Z");
  return order;
}

constexpr const char* order_json =
    R"({"id":"7d444840-9dc0-41e1-8d52-11f5a0c4f1a9","customerName":"Al\"ice","item":"Pizza","quantity":2,"price":12.99,)"
    R"("status":"created","createdAt":"2026-02-05T13:11:17.406Z"})";

std::string event_json(const std::string& action, const std::string& order, const std::string& time) {
  return "{\"action\":\"" + action + "\",\"order\":" + order + ",\"timestamp\":\"" + time + "\"}";
}

}  // namespace

TEST_CASE("A new order is read") {
  const ParsedFields parsed = parse_new_order(body("\"Alice\"", "\"Pizza\"", "2", "12.99"));
  CHECK(parsed.errors.empty());
  CHECK(!parsed.malformed);
  CHECK(parsed.fields.values.customer_name == "Alice");
  CHECK(parsed.fields.values.item == "Pizza");
  CHECK(parsed.fields.values.quantity == 2);
  CHECK(parsed.fields.values.price_cents == 1299);
  CHECK(parsed.fields.given == std::bitset<order_fields_count>("0011110"));
}

TEST_CASE("Prices become cents exactly or are refused") {
  const auto cents = [](const std::string& price) {
    return priced(price).errors.empty() ? priced(price).fields.values.price_cents : -1;
  };
  CHECK(cents("12.9") == 1290);
  CHECK(cents("5") == 500);
  CHECK(cents("1e2") == 10000);
  CHECK(cents("1.250e1") == 1250);
  CHECK(cents("0") == 0);
  CHECK(cents("0.01") == 1);
  CHECK(cents("100000") == 10'000'000);
  CHECK(cents("100000.00") == 10'000'000);
  CHECK(cents("99999.99") == 9'999'999);
  for (const char* bad : {"12.999", "0.001", "0.005", "99999.999", "100000.01", "100001", "-0.01", "-1", "1e-3",
                          "\"5\"", "null", "1e300", "18446744073709551615"})
    CHECK(wrong(priced(bad)) == "price;");
}

TEST_CASE("Every price of two decimals is taken as it was written") {
  for (std::int64_t cents = 0; cents <= 10'000'000; cents += 7) {
    const std::string text = decimal_from_cents(cents);
    if (priced(text).fields.values.price_cents != cents) FAIL(text);
  }
}

TEST_CASE("Quantities are integers from 1 to 1000") {
  const auto ok = [](const std::string& quantity) {
    return parse_new_order(body("\"A\"", "\"B\"", quantity, "1")).errors.empty();
  };
  CHECK(ok("1"));
  CHECK(ok("1000"));
  CHECK(ok("2.0"));
  for (const char* bad : {"0", "1001", "-1", "1.5", "\"2\"", "true", "null", "[1]", "1e30", "18446744073709551615"})
    CHECK(!ok(bad));
}

TEST_CASE("Names are 1 to 100 characters, however many bytes those are, and no control characters") {
  std::string pizzas;
  for (int i = 0; i < 100; ++i) pizzas += "\U0001F355";
  CHECK(name_ok(pizzas));
  CHECK(!name_ok(pizzas + "x"));
  CHECK(name_ok(std::string(100, 'x')));
  CHECK(!name_ok(std::string(101, 'x')));
  CHECK(name_ok("<b>&\"' \u00a0\u00e9"));
  CHECK(!name_ok(""));
  for (const char* bad : {"a\nb", "\x01", "\x7f", "\xc2\x80", "\xc2\x9f"}) CHECK(!name_ok(bad));
  CHECK(!name_ok(std::string("a\0b", 3)));
}

TEST_CASE("Texts lose the white space at their ends and come in Normalization Form C") {
  const auto name = [](const std::string& text) {
    return parse_new_order(body(quoted(text), "\"Pizza\"", "1", "1")).fields.values.customer_name;
  };
  CHECK(name("  Alice B.  ") == "Alice B.");
  CHECK(name("\u00a0\u3000Alice\u2003") == "Alice");
  CHECK(name("Ame\u0301lie") == "Am\u00e9lie");
  std::string decomposed;
  for (int i = 0; i < 100; ++i) decomposed += "e\u0301";
  CHECK(name_ok(decomposed));  // 200 characters that are 100 once they are composed
  CHECK(name_ok(std::string(60, ' ') + std::string(100, 'x') + std::string(60, ' ')));
}

TEST_CASE("A text has at least one visible character") {
  for (const char* blank : {" ", "\u00a0", "\u3000\u2003", "\u200b", "\u200d\ufeff", "\u2060", "\u0301", "\u3164",
                            "\u115f", "\u2800", "\u2028", "\ufe0f"}) {
    CAPTURE(blank);
    CHECK(!name_ok(blank));
  }
  for (const char* seen : {"a", "\u00e9", "1", ".", "\U0001F355", "\u200f\u05d0", "\u4e2d"}) {
    CAPTURE(seen);
    CHECK(name_ok(seen));
  }
}

TEST_CASE("A record's texts are kept as their writer wrote them") {
  std::string text = event_json("created", order_json, "2026-02-05T13:11:17.406Z");
  text.replace(text.find("Pizza"), 5, "  Pi\u006e\u0303a ");
  const auto event = parse_order_event(text);
  REQUIRE(event.has_value());
  CHECK(event->order.item == "  Pin\u0303a ");
}

TEST_CASE("Two requests with the same fields have one fingerprint, others have another") {
  const auto of = [](const std::string& text) { return fingerprint(parse_new_order(text).fields); };
  const std::string one = of(R"({"customerName":"Am\u00e9lie","item":"Pizza","quantity":2,"price":5})");
  CHECK(of(R"({ "price": 5.00, "quantity": 2.0, "item": " Pizza ", "customerName": "Ame\u0301lie" })") == one);
  CHECK(of(R"({"customerName":"Am\u00e9lie","item":"Pizza","quantity":3,"price":5})") != one);
  CHECK(of(R"({"customerName":"Am\u00e9lie","item":"Pizz","quantity":2,"price":5})") != one);
}

TEST_CASE("An update changes the fields that are given") {
  Order order = an_order();
  merge(order, parse_order_update(R"({"quantity":7,"status":"on its way"})").fields);
  Order expected = an_order();
  expected.quantity = 7;
  expected.status = "on its way";
  CHECK(order == expected);
}

TEST_CASE("All that is wrong is named at once, and what is allowed is said") {
  const ParsedFields parsed = parse_new_order(
      R"({"customerName":"","quantity":0,"price":1.234,"id":"x","createdAt":"y","status":"z","size":"XL"})");
  CHECK(!parsed.malformed);
  CHECK(wrong(parsed) == "customerName;quantity;price;id;createdAt;status;size;item;");
  CHECK(parsed.errors[0].message ==
        "must be a string of 1 to 100 characters, one of them visible, without control characters");
  CHECK(parsed.errors[1].message == "must be an integer from 1 to 1000");
  CHECK(parsed.errors[2].message == "must be a number from 0 to 100000 with at most 2 decimals");
  CHECK(parsed.errors[6].message == "is unknown; allowed are customerName, item, quantity, price");
  CHECK(parsed.errors[7].message ==
        "is required: a string of 1 to 100 characters, one of them visible, without control characters");
  CHECK(wrong(parse_new_order("{}")) == "customerName;item;quantity;price;");
}

TEST_CASE("A body of thousands of unknown fields is answered with a bounded list") {
  std::string text = "{\"" + std::string(500, 'n') + "\":1";
  for (int i = 0; i < 5000; ++i) text += ",\"f" + std::to_string(i) + "\":1";
  const ParsedFields parsed = parse_order_update(text + "}");
  REQUIRE(parsed.errors.size() == 17);
  CHECK(parsed.errors.front().field.size() == 100);
  CHECK(parsed.errors.back().message == "4985 more unknown fields");
}

TEST_CASE("What is not a JSON object is malformed") {
  for (const char* bad : {"", "{", "[]", "1", "null", "\"a\"", R"({"item":"a","item":"b"})", R"({"price":1e400})"}) {
    const ParsedFields parsed = parse_new_order(bad);
    CHECK(parsed.malformed);
    CHECK(parsed.errors.size() == 1);
  }
}

TEST_CASE("An update needs one field, may set a status of its own, and cannot move an order") {
  CHECK(parse_order_update(R"({"quantity":3})").fields.values.quantity == 3);
  CHECK(parse_order_update(R"({"status":"on its way"})").fields.values.status == "on its way");
  CHECK(parse_order_update("{}").errors.size() == 1);
  CHECK(!parse_order_update("{}").malformed);
  CHECK(wrong(parse_order_update(R"({"id":"a","createdAt":"b","status":""})")) == "id;createdAt;status;");
}

TEST_CASE("Orders and their events are written field for field and read back") {
  const Order order = an_order();
  CHECK(to_json(order) == order_json);
  OrderEvent event;
  event.action = OrderAction::updated;
  event.order = order;
  event.timestamp = *parse_iso("2026-02-05T13:11:18.000Z");
  CHECK(to_json(event) == event_json("updated", order_json, "2026-02-05T13:11:18.000Z"));
  const auto back = parse_order_event(to_json(event));
  REQUIRE(back.has_value());
  CHECK(*back == event);
  CHECK(order.total_cents() == 2598);
}

TEST_CASE("A body that is no order event is refused with the reason") {
  const auto problem = [](const std::string& text) {
    const auto event = parse_order_event(text);
    return event ? std::string() : event.error().message;
  };
  const std::string time = "2026-02-05T13:11:17.406Z";
  CHECK(problem(event_json("created", order_json, time)).empty());
  CHECK(problem("not json").find("not an order event") == 0);
  CHECK(problem("[]").find("not a JSON object") != std::string::npos);
  CHECK(problem("{}").find("order is missing") != std::string::npos);
  CHECK(problem(event_json("eaten", order_json, time)).find("action is not valid") != std::string::npos);
  CHECK(problem(event_json("created", order_json, "today")).find("timestamp is not valid") != std::string::npos);
  CHECK(problem(event_json("created", R"({"id":"a"})", time)).find("customerName is missing") != std::string::npos);
}

TEST_CASE("Unknown fields of an event are ignored") {
  std::string text = event_json("deleted", order_json, "2026-02-05T13:11:17.406Z");
  text.insert(1, R"("version":2,)");
  REQUIRE(parse_order_event(text).has_value());
  CHECK(parse_order_event(text)->action == OrderAction::deleted);
}

TEST_CASE("Money is written as the shortest decimal") {
  CHECK(decimal_from_cents(1299) == "12.99");
  CHECK(decimal_from_cents(500) == "5");
  CHECK(decimal_from_cents(50) == "0.5");
  CHECK(decimal_from_cents(5) == "0.05");
  CHECK(decimal_from_cents(0) == "0");
  CHECK(decimal_from_cents(-1250) == "-12.5");
}
