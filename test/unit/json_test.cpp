#include "foodorder/base/json.hpp"

#include "foodorder/base/utf8.hpp"
#include "support/catch.hpp"

#include <array>
#include <limits>
#include <string>

using namespace foodorder;

namespace {

std::string problem_of(std::string_view text) {
  const auto value = parse_json(text);
  return value ? "" : value.error().message;
}

std::string written(std::string_view text) {
  TextBuffer out;
  write_json_string(out, text);
  return out.str();
}

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

}  // namespace

TEST_CASE("JSON is read as RFC 8259 says") {
  const auto value = parse_json(R"( {"a":[1,-2,18446744073709551615,1.5e3,true,null,"\u00e9\n"],"b":{}} )");
  REQUIRE(value.has_value());
  CHECK(json::serialize(*value) == "{\"a\":[1,-2,18446744073709551615,1.5E3,true,null,\"\u00e9\\n\"],\"b\":{}}");
  for (const char* bad : {"", " ", "{", "[1,]", "{\"a\":1,}", "// c\n1", "NaN", "01", "+1", "'a'", "\"\t\"",
                          "\"\\ud800\"", "\"\xff\"", "\"\xc0\x80\"", "[1] x", "1 2", "\"a"})
    CHECK(!parse_json(bad).has_value());
}

TEST_CASE("A key that stands twice in one object is refused by name, in another object it is welcome") {
  CHECK(problem_of(R"({"price":1,"price":2})").find("\"price\" stands twice") != std::string::npos);
  CHECK(problem_of(R"([{"x":{"a":1,"b":2,"\u0061":3}}])").find("\"a\" stands twice") != std::string::npos);
  CHECK(parse_json(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})").has_value());
}

TEST_CASE("The name of a duplicate key is shown up to a limit and never cut within a character") {
  const std::string key = "k" + [] {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "\u00e9";
    return text;
  }();
  const std::string problem = problem_of("{\"" + key + "\":1,\"" + key + "\":2}");
  CHECK(problem.size() < 200);
  CHECK(is_utf8(problem));
}

TEST_CASE("Numbers that no double can hold are refused, all others are exact") {
  CHECK(problem_of("1e400").find("out of range") != std::string::npos);
  CHECK(problem_of("[-1e400]").find("out of range") != std::string::npos);
  CHECK(!parse_json(std::string(400, '9')).has_value());
  CHECK(parse_json("1e-400")->as_double() == 0.0);
  CHECK(parse_json("1e308")->as_double() == 1e308);
  for (int cents = 0; cents < 100'000; ++cents) {
    const std::string text =
        std::to_string(cents / 100) + "." + std::to_string(cents % 100 / 10) + std::to_string(cents % 10);
    if (parse_json(text)->as_double() != std::stod(text)) FAIL(text);
  }
}

TEST_CASE("Nesting is read 32 levels deep and no deeper") {
  CHECK(parse_json(nested(32)).has_value());
  CHECK(problem_of(nested(33)).find("32 levels") != std::string::npos);
  CHECK(!parse_json(std::string(100'000, '[')).has_value());
}

TEST_CASE("What is wrong is said with its place") {
  CHECK(problem_of("{\"a\":x}").find("at byte 5") != std::string::npos);
}

TEST_CASE("The strings at the top of an object are found by their keys, and nothing else is taken for them") {
  const std::array<std::string_view, 3> keys = {"action", "orderId", "absent"};
  const auto strings = [&](std::string_view text) { return read_json_strings(text, keys).value(); };
  const auto found =
      strings(R"({"n":[{"action":"x"},"y"],"o":{"orderId":"z"},"action":"cre\u0061ted","orderId":"\n1"})");
  CHECK(found[0] == "created");
  CHECK(found[1] == "\n1");
  CHECK(!found[2]);
  CHECK(strings(R"({"\u0061ction":"by another name"})")[0] == "by another name");
  CHECK(strings(R"({"action":"","orderId":7})")[0] == "");
  CHECK(strings(R"({"action":"x","o":{"action":1,"action":2},"b":1,"b":2})")[0] == "x");
  CHECK(!strings(R"({"orderId":{"x":"action"},"b":"c"})")[1]);
  for (const char* none : {R"(["action","x"])", R"("action")", "7", "{}"}) CHECK(!strings(none)[0]);
  for (const char* bad : {"", "{", R"({"action":"x"} x)", "{\"action\":\"\xff\"}", R"({"action":"\ud800"})",
                          R"({"action":"first","action":null})", R"({"action":1,"\u0061ction":"x"})"})
    CHECK(!read_json_strings(bad, keys).has_value());
  CHECK(!read_json_strings(nested(33), keys).has_value());
}

TEST_CASE("Numbers are written as people write them, in the fewest digits that read back the same") {
  const auto text = [](double number) { return serialize_json(json::value(number)); };
  CHECK(text(25.98) == "25.98");
  CHECK(text(0.1) == "0.1");
  CHECK(text(0.3) == "0.3");
  CHECK(text(0.1 + 0.2) == "0.30000000000000004");
  CHECK(text(100) == "100");
  CHECK(text(99999.99) == "99999.99");
  CHECK(text(0) == "0");
  CHECK(text(-0.0) == "-0");
  CHECK(text(1e15) == "1000000000000000");
  CHECK(text(0.0001) == "0.0001");
  CHECK(text(1e21) == "1e+21");
  CHECK(text(1e-7) == "1e-07");
  CHECK(text(std::numeric_limits<double>::infinity()) == "null");
  CHECK(text(std::numeric_limits<double>::quiet_NaN()) == "null");
  CHECK(serialize_json(json::value(std::numeric_limits<std::int64_t>::min())) == "-9223372036854775808");
  CHECK(serialize_json(json::value(std::numeric_limits<std::uint64_t>::max())) == "18446744073709551615");
  for (const double number : {0.1 + 0.2, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, -123456.789, 1.0 / 3}) {
    CAPTURE(number);
    const auto back = parse_json(text(number));
    REQUIRE(back.has_value());
    CHECK(back->to_number<double>() == number);
  }
}

TEST_CASE("A value is written without white space, in its order, and reads back the same") {
  const std::string text =
      R"({"z":[],"a":{},"list":[1,[2.5,{"deep":[null,true,false]}],"x"],"empty":"","\u0001\"\\":"\n\t\r\b\f\u001f/"})";
  const auto value = parse_json(text);
  REQUIRE(value.has_value());
  CHECK(serialize_json(*value) == text);
  // What is escaped without need is written as it is: a pair of surrogates is one character.
  CHECK(serialize_json(parse_json(R"("\ud83c\udf55 \u00e9\u007f\/")").value()) == "\"\U0001F355 \u00e9\x7f/\"");
  CHECK(serialize_json(json::value(json::string(1, '\0'))) == R"("\u0000")");
}

TEST_CASE("An object is written member by member, as serialize_json writes it") {
  const Timestamp time = from_unix_millis(1'770'297'077'406);
  JsonObject object;
  object.add("text", "a\"\n")
      .add("empty", "")
      .add("number", std::int64_t{-3})
      .add("flag", true)
      .add("other", false)
      .add("time", time)
      .add_raw("raw", "null")
      .add_object("none", [](JsonObject&) {})
      .add_object("inner", [](JsonObject& inner) { inner.add("a", 1).add("b", "{"); })
      .add_objects("list", std::array{1, 2}, [](JsonObject& inner, int number) { inner.add("n", number); })
      .add_objects("nothing", std::array<int, 0>(), [](JsonObject&, int) {})
      .begin("last") += "[]";
  const std::string text = object.take();
  CHECK(text == R"({"text":"a\"\n","empty":"","number":-3,"flag":true,"other":false,)"
                R"("time":"2026-02-05T13:11:17.406Z","raw":null,"none":{},"inner":{"a":1,"b":"{"},)"
                R"("list":[{"n":1},{"n":2}],"nothing":[],"last":[]})");
  CHECK(serialize_json(parse_json(text).value()) == text);
  CHECK(JsonObject().take() == "{}");
}

TEST_CASE("Each byte that needs it is escaped, wherever it stands, and no other") {
  for (std::size_t size = 1; size <= 17; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (int c = 0; c < 128; ++c) {
        std::string text(size, at % 2 == 0 ? 'a' : ' ');
        text[at] = static_cast<char>(c);
        const std::string out = written(text);
        const bool escaped = c < 0x20 || c == '"' || c == '\\';
        if (escaped == (out == '"' + text + '"') || parse_json(out).value() != json::value(text)) FAIL(out);
      }
}

TEST_CASE("A string is written so that it reads back the same") {
  const std::string text = std::string("a\"\\\n\t\x01\x1f/\u00e9\u2028\U0001F355") + '\0' + "z";
  const std::string out = written(text);
  CHECK(out.front() == '"');
  CHECK(out.find('\n') == std::string::npos);
  const auto back = parse_json(out);
  REQUIRE(back.has_value());
  CHECK(std::string_view(back->as_string()) == text);
  CHECK(written("") == "\"\"");
}
