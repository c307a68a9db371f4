#include "app/commands/message.hpp"

#include "inspector/read_message.hpp"
#include "support/catch.hpp"

#include <stdexcept>

using namespace foodorder;
using app::MessageFormat;

namespace {

ConsumerRecord record(std::optional<std::string> key, std::optional<std::string> value, Headers headers = {}) {
  auto made = std::make_shared<Record>(std::move(key), std::move(value), std::move(headers));
  made->timestamp = from_unix_millis(1770297077406);
  return {TopicPartition("orders", 1), 42, std::move(made)};
}

}  // namespace

TEST_CASE("A format prints what kcat prints") {
  const ConsumerRecord read = record("k1", "v1", {{"a", "1"}, {"b", std::nullopt}});
  CHECK(MessageFormat("%t [%p] %o: %k=%s %T %h %K/%S %%\\n").text(read, false) ==
        "orders [1] 42: k1=v1 1770297077406 a=1,b=NULL 2/2 %\n");
  CHECK(MessageFormat("%K %S|%k|%s").text(record({}, {}), false) == "-1 -1||");
  CHECK(MessageFormat::with_key("\\t").text(read, false) == "k1\tv1\n");
}

TEST_CASE("A format with an unknown sign is refused, naming it") {
  for (const char* format : {"%x", "%", "%s%", "%\033"}) CHECK_THROWS_AS(MessageFormat(format), std::runtime_error);
}

TEST_CASE("A terminal gets no control bytes of a record, a pipe gets its bytes as they are") {
  const std::string bytes("\033[2J\x07\xff\xe2\x80\xae", 9);
  const ConsumerRecord read = record(bytes, bytes);
  CHECK(MessageFormat("%k\\n").text(read, false) == bytes + "\n");
  CHECK(MessageFormat("%s\\n").text(read, true) == "\\x1b[2J\\x07\\xff\\u202e\n");
}

TEST_CASE("Escapes are taken as kcat takes them") {
  CHECK(app::unescaped("a\\nb\\t\\\\\\x41\\q\\x4") == "a\nb\t\\A\\q\\x4");
  CHECK(app::unescaped("\\") == "\\");
}

TEST_CASE("A record of the API is read back with its bytes") {
  const auto message = parse_json(
      R"x({"topic":"t","partition":2,"offset":7,"timestamp":"2026-02-05T13:11:17.406Z","key":null,)x"
      R"x("value":{"encoding":"base64","text":"/wA="},"headers":[{"name":"h","value":{"encoding":"utf-8","text":"x"}}]})x");
  const ConsumerRecord read = inspector::record_from(message.value());
  CHECK(read.position == Position(TopicPartition("t", 2), 7));
  CHECK_FALSE(read.record->key());
  CHECK(read.record->value() == std::string("\xff\0", 2));
  CHECK(find_header(read.record->headers, "h") == "x");
  CHECK(app::bytes_to_json(std::string("\xff\0", 2)) == json::object{{"encoding", "base64"}, {"text", "/wA="}});
  CHECK(app::bytes_to_json(std::string("é")) == json::string("é"));
  CHECK(app::bytes_to_json({}).is_null());
}
