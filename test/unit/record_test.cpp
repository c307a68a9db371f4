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

TEST_CASE("A name that has a number is the same header, however it was given, and counts with its text") {
  const Headers given = {Header(headers::ce_id, "1"), Header("own", "2"), Header(headers::retry_count, std::nullopt)};
  const Headers looked_for = {Header("ce_id", "1"), Header("own", "2"), Header("retryCount", std::nullopt)};
  CHECK(given == looked_for);
  CHECK((list_of(given) == list_of(looked_for)));
  CHECK(find_header(given, "ce_id") == "1");
  CHECK(find_header(given, headers::ce_id) == "1");
  CHECK(find_header(given, "own") == "2");
  CHECK(!find_header(given, headers::retry_count));
  CHECK(!find_header(given, headers::ce_time));
  CHECK(given.size_in_bytes() == 3 * 8 + std::string_view("ce_id1own2retryCount").size());
  for (const HeaderName& name : headers::numbered) {
    const Headers one = {Header(name.text(), "v")};
    CHECK(HeaderName(name.text()).kind() == name.kind());
    CHECK((*one.begin()).name == name.text());
    CHECK(find_header(one, name) == "v");
  }
}

TEST_CASE("An envelope reads as values and as the texts that the standards ask for") {
  Envelope envelope;
  envelope.id = uuid_from_hash("an id");
  envelope.source = "order-service";
  envelope.type = "foodorder.order.created";
  envelope.time = from_unix_millis(1'770'297'077'406) + Duration(123);
  envelope.trace = Traceparent{0xa, 0xb, 0xc};
  Headers headers(envelope);
  headers.add(headers::ce_causationid, uuid_from_hash("a cause"));
  headers.add(headers::retry_count, 12);

  CHECK(find_uuid(headers, headers::ce_id) == envelope.id);
  CHECK(find_time(headers, headers::ce_time) == envelope.time);
  CHECK(find_traceparent(headers) == envelope.trace);
  CHECK(find_uuid(headers, headers::ce_causationid) == uuid_from_hash("a cause"));
  CHECK(find_number(headers, headers::retry_count) == 12);

  const Headers texts = {Header("ce_id", envelope.id.text()),
                         Header("ce_source", "order-service"),
                         Header("ce_type", "foodorder.order.created"),
                         Header("ce_specversion", "1.0"),
                         Header("ce_time", "2026-02-05T13:11:17.406123Z"),
                         Header("traceparent", "00-a000000000000000b000000000000000-c000000000000000-01"),
                         Header("ce_causationid", uuid_from_hash("a cause").text()),
                         Header("retryCount", "12")};
  CHECK((list_of(headers) == list_of(texts)));
  CHECK(headers == texts);
  CHECK(headers.size_in_bytes() == texts.size_in_bytes());
}

TEST_CASE("A value that is not written as ours are stays the text that it is") {
  const std::vector<Header> foreign = {Header("ce_id", "8AC5EB14-011C-802C-8B93-FDDE0FE6486C"),
                                       Header("ce_id", "17"),
                                       Header("ce_id", ""),
                                       Header("ce_time", "2026-02-05T13:11:17Z"),
                                       Header("ce_time", "2026-02-05T13:11:17.406123+02:00"),
                                       Header("traceparent", "00-0-0-01"),
                                       Header("retryCount", "+1"),
                                       Header("retryCount", "01"),
                                       Header("retryCount", "-0"),
                                       Header("retryCount", "99999999999999999999"),
                                       Header("retryCount", std::nullopt),
                                       Header("sourceOffset", "\xff")};
  for (const Header& header : foreign) {
    Headers headers = {header};
    INFO(header.name << " " << header.value.value_or("none").view());
    CHECK((list_of(headers) == std::vector{header}));
    CHECK(!headers.begin().uuid());
    CHECK(!headers.begin().time());
    CHECK(!headers.begin().traceparent());
    CHECK(!headers.begin().number());
  }
  CHECK(find_number(Headers{Header("retryCount", "01")}, headers::retry_count) == 1);
  CHECK(!find_number(Headers{Header("retryCount", "+1")}, headers::retry_count));
  CHECK(!find_number(Headers{Header("retryCount", std::nullopt)}, headers::retry_count));
}

TEST_CASE("A header that is removed is gone wherever it stood, and the others stay in their order") {
  Headers headers = {Header("retryCount", "1"), Header("own", "2"), Header("retryCount", "x"), Header("ce_id", "3")};
  headers.remove(headers::retry_count);
  CHECK(headers == Headers{Header("own", "2"), Header("ce_id", "3")});
  CHECK(!find_header(headers, headers::retry_count));
}
