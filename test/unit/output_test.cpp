#include "app/commands/output.hpp"

#include "app/commands/client.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::app;

TEST_CASE("Columns are as wide as they need, numbers stand under one another, and the last one is cut") {
  Table table({"NAME", "LAG", "TEXT"});
  table.add({"a", 5, "short"});
  table.add({"longer", 12345, "a text that has no room"});
  CHECK(table.text(Output(false, false, 0)) ==
        "NAME      LAG  TEXT\n"
        "a           5  short\n"
        "longer  12345  a text that has no room\n");
  CHECK(table.text(Output(false, false, 24)) ==
        "NAME      LAG  TEXT\n"
        "a           5  short\n"
        "longer  12345  a text t…\n");
}

TEST_CASE("Colours are in a table for a terminal alone") {
  Table table({"A"});
  table.add({{"x", Colour::red}});
  CHECK(table.text(Output(false, true, 80)) == "\033[1mA\033[0m\n\033[31mx\033[0m\n");
  CHECK(table.text(Output(false, false, 80)) == "A\nx\n");
}

TEST_CASE("Nothing that is written to a log commands a terminal") {
  CHECK(printable("a\nb\tc\033[0m") == "a\\nb\\tc\\x1b[0m");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\u009b31m");
  CHECK(printable("\x7f\xff\xe2\x80\xae") == "\\x7f\\xff\\u202e");
  CHECK(printable("Zoë 李 🍕") == "Zoë 李 🍕");
  Table table({"\033A"});
  table.add({"\033[2J"});
  CHECK(table.text(Output(false, false, 80)).find("\\x1b[2J") != std::string::npos);
}

TEST_CASE("Wide characters take two columns, and a cut never splits one") {
  CHECK(width_of("李a") == 3);
  CHECK(fitted("李李李", 4) == "李…");
  CHECK(fitted("abc", 3) == "abc");
  CHECK(fitted("abcd", 3) == "ab…");
  CHECK(fitted("abc", 0).empty());
}

TEST_CASE("Sizes are in units that people read") {
  CHECK(size_text(0) == "0 B");
  CHECK(size_text(999) == "999 B");
  CHECK(size_text(1234) == "1.2 kB");
  CHECK(size_text(99'960) == "100 kB");
  CHECK(size_text(999'600) == "1.0 MB");
  CHECK(counted(1, "record") == "1 record");
  CHECK(counted(0, "record") == "0 records");
}

TEST_CASE("An answer that is no good says why in one line, as what it means for the exit status") {
  const auto answer = [](int status, std::string body) {
    Client::Answer made;
    made.status = status;
    made.body = std::move(body);
    return made;
  };
  CHECK(body_of(answer(200, "[1]"), "GET /x").as_array().size() == 1);
  CHECK_THROWS_AS(body_of(answer(404, "{}"), "GET /x"), NothingFound);
  CHECK_THROWS_AS(body_of(answer(409, "{}"), "GET /x"), NothingFound);
  CHECK_THROWS_WITH(
      body_of(answer(422, R"x({"detail":"no","errors":[{"field":"a","message":"must be 1"}]})x"), "GET /x"),
      "no; a must be 1");
  CHECK_THROWS_WITH(body_of(answer(500, "oops"), "GET /x"), "GET /x was answered with 500");
  CHECK(percent_encoded("a b/ü%") == "a%20b%2F%C3%BC%25");
}
