#include "inspector/filter.hpp"

#include "support/catch.hpp"

using namespace foodorder;
using inspector::Filter;
using inspector::Verdict;

namespace {

ConsumerRecord record_of(std::optional<std::string> value, Headers headers = {}) {
  auto record = std::make_shared<Record>("the-key", std::move(value), std::move(headers));
  record->timestamp = Timestamp(std::chrono::seconds(1'770'297'077));
  return ConsumerRecord(TopicPartition("orders", 1), 1902, std::move(record));
}

Verdict judged(std::string_view filter, const ConsumerRecord& record) {
  const auto parsed = Filter::parse(filter);
  INFO(filter);
  REQUIRE(parsed.has_value());
  return parsed->judge(record);
}

std::string refusal(std::string_view filter) {
  const auto parsed = Filter::parse(filter);
  return parsed ? "" : parsed.error().message;
}

const ConsumerRecord order = record_of(
    R"({"action":"created","order":{"price":25.5,"item":"Family Pizza","tags":["a",{"n":7}],"note":null,"paid":true},
        "timestamp":"2026-02-05T13:11:17.406Z"})",
    Headers{Header("retryCount", "2"), Header("kafka_dlt-original-topic", "orders"), Header("empty", std::nullopt)});

}  // namespace

TEST_CASE("A filter compares what a path of the value leads to, all conditions together") {
  for (const char* holds : {"order.price > 20 and retryCount >= 1",
                            "order.price>20",
                            "order.price == 25.5",
                            "order.price = 25.50",
                            "order.price != 25",
                            "order.price <= 25.5 AND order.price >= 25.5",
                            "action == \"created\"",
                            "action == 'created'",
                            "order.item contains \"Pizza\"",
                            "order.item startsWith 'Family'",
                            "order.item endsWith \"zza\"",
                            "order.tags[0] == 'a'",
                            "order.tags[1].n == 7",
                            "order.note == null",
                            "order.absent == null",
                            "order.price != null",
                            "order.paid == true",
                            "order.paid != false",
                            "order.absent != 'x'",
                            "action < 'd'",
                            "  action  ==  'created'  "})
    CHECK(judged(holds, order) == Verdict::yes);
  for (const char* fails :
       {"order.price > 25.5", "order.price < 20 and retryCount >= 1", "action == 'Created'",
        "order.item contains 'pizza'", "order.absent > 0", "order.absent < 0", "order.price == '25.5'",
        "order.item > 3", "order.note != null", "order == null", "order.tags[2] == 'a'", "order.price contains '25'",
        "order.paid == false", "order.item.name == 'x'"})
    CHECK(judged(fails, order) == Verdict::no);
}

TEST_CASE("A path that is not in the value is a header, or a property of the record") {
  for (const char* holds : {"retryCount == 2", "retryCount == '2'", "kafka_dlt-original-topic == \"orders\"",
                            "empty == null", "offset == 1902", "partition == 1", "key startsWith 'the'"})
    CHECK(judged(holds, order) == Verdict::yes);
  const ConsumerRecord bare = record_of("{}");
  CHECK(judged("timestamp >= '2026-02-05T13:00:00Z'", bare) == Verdict::yes);
  CHECK(judged("timestamp < 1770297078000", bare) == Verdict::yes);
  CHECK(judged("retryCount != 1", bare) == Verdict::yes);
  CHECK(judged("retryCount < 1", bare) == Verdict::no);
}

TEST_CASE("Times are compared as times, however they are written") {
  CHECK(judged("timestamp == '2026-02-05T14:11:17.406+01:00'", order) == Verdict::yes);
  CHECK(judged("timestamp > '2026-02-05T13:11:17Z'", order) == Verdict::yes);
}

TEST_CASE("What is no JSON is not judged by a path, but still by its headers and by what fails in any case") {
  const ConsumerRecord binary = record_of(std::string("\x1f\x8b\x00", 3), Headers{Header("retryCount", "1")});
  CHECK(judged("order.price > 20", binary) == Verdict::unjudged);
  CHECK(judged("order.price > 20 and retryCount >= 1", binary) == Verdict::unjudged);
  CHECK(judged("order.price > 20 and retryCount >= 2", binary) == Verdict::no);
  CHECK(judged("retryCount >= 1", binary) == Verdict::yes);
  CHECK(judged("order.price > 20", record_of(std::nullopt)) == Verdict::no);
  CHECK(judged("order.price == null", record_of(std::nullopt)) == Verdict::yes);
}

TEST_CASE("A filter that does not parse says where, in characters, and what is allowed there") {
  CHECK(refusal("") == "position 1: a path such as order.price is expected");
  CHECK(refusal("order. > 3").starts_with("position 7: a path"));
  CHECK(refusal("order.price").starts_with("position 12: an operator is expected: ==, !=, <"));
  CHECK(refusal("order.price ~ 'a+'").find("regular expressions are not offered") != std::string::npos);
  CHECK(refusal("order.price > ").starts_with("position 15: a value is expected: a number, a text in quotes"));
  CHECK(refusal("order.price > cheap").starts_with("position 15: a value is expected"));
  CHECK(refusal("grün == 'ja' or b == 1").starts_with("position 14: `and` or the end is expected"));
  CHECK(refusal("a == 1 and").starts_with("position 11: a path"));
  CHECK(refusal("a == 'x").starts_with("position 6: the text that begins here has no closing quote"));
  CHECK(refusal("a contains 3").starts_with("position 12: contains, startsWith and endsWith want a text"));
  CHECK(refusal("a[x] == 1").starts_with("position 2: a number in brackets"));
  CHECK(refusal("a == 1e999").starts_with("position 6: a value is expected"));
  CHECK(refusal("a == 1and b == 2").starts_with("position 6"));
}

TEST_CASE("Filters are bounded in length, conditions and steps") {
  CHECK(refusal(std::string(2'001, 'a')).find("2000 bytes") != std::string::npos);
  std::string many = "a == 1";
  for (int i = 0; i < 20; ++i) many += " and a == 1";
  CHECK(refusal(many).find("at most 20 conditions") != std::string::npos);
  std::string deep = "a";
  for (int i = 0; i < 25; ++i) deep += ".a";
  CHECK(refusal(deep + " == 1").find("at most 20 steps") != std::string::npos);
}

TEST_CASE("A text is found wherever it is, and nothing is found where it is not") {
  using inspector::has_text;
  CHECK(has_text("abc", "abc"));
  CHECK(has_text("abc", "c"));
  CHECK(has_text("aaab", "aab"));
  CHECK(has_text(std::string_view("a\0b", 3), std::string_view("\0b", 2)));
  CHECK(has_text("abc", ""));
  CHECK(has_text("", ""));
  CHECK(!has_text("abc", "abcd"));
  CHECK(!has_text("", "a"));
  CHECK(!has_text(std::string(100'000, 'a'), std::string(1'900, 'a') + 'b'));
}
