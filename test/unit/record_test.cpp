#include "foodorder/bus/record.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

using namespace foodorder;

namespace {

std::vector<Header> list_of(const Headers& headers) { return {headers.begin(), headers.end()}; }

}  // namespace

static_assert(std::forward_iterator<Headers::Iterator>);

TEST_CASE("Headers keep their order, their repetitions, their bytes, and which have no value") {
  const std::string bytes("\0\xff\r\n", 4);
  Headers headers;
  CHECK(headers.begin() == headers.end());
  headers.add("trace", "first");
  headers.add("bytes", bytes);
  headers.add("trace", "second");
  headers.add("none", std::nullopt);
  headers.add("empty", "");
  headers.add("", "of no name");
  REQUIRE(headers.size() == 6);
  const std::vector<Header> expected = {Header("trace", "first"),     Header("bytes", bytes), Header("trace", "second"),
                                        Header("none", std::nullopt), Header("empty", ""),    Header("", "of no name")};
  CHECK((list_of(headers) == expected));
  CHECK(headers == Headers{expected[0], expected[1], expected[2], expected[3], expected[4], expected[5]});
}

TEST_CASE("Headers differ by any value, also by none and an empty one, and by where a name ends") {
  CHECK(Headers{Header("a", "1")} != Headers{Header("a", "2")});
  CHECK(Headers{Header("a", "")} != Headers{Header("a", std::nullopt)});
  CHECK(Headers{Header("ab", "c")} != Headers{Header("a", "bc")});
  CHECK(Headers{Header("a", "1"), Header("b", "2")} != Headers{Header("b", "2"), Header("a", "1")});
}

TEST_CASE("The last header of a name is the one that is found, and one without a value is none") {
  const Headers headers = {Header("a", "1"), Header("b", "2"), Header("a", "3"), Header("b", std::nullopt)};
  CHECK(find_header(headers, "a") == "3");
  CHECK(!find_header(headers, "b"));
  CHECK(!find_header(headers, "c"));
}

TEST_CASE("Replacing a header gives all of its name the value, and leaves the others where they were") {
  Headers headers = {Header("a", "1"), Header("b", "2"), Header("a", std::nullopt)};
  headers.replace("a", "longer than before");
  CHECK(headers == Headers{Header("a", "longer than before"), Header("b", "2"), Header("a", "longer than before")});
  headers.replace("b", std::nullopt);
  CHECK(!find_header(headers, "b"));
  CHECK(headers.size() == 3);
}
