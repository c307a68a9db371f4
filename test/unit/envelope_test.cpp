#include "foodorder/runtime/envelope.hpp"

#include "foodorder/base/ids.hpp"
#include "support/catch.hpp"
#include "support/virtual_loop.hpp"

using namespace foodorder;

namespace {

std::string_view trace_of(const Record& record) {
  return find_header(record.headers, headers::traceparent)->substr(3, 32);
}

}  // namespace

TEST_CASE("A request's trace is followed if it is one that W3C Trace Context allows") {
  VirtualLoop loop;
  const auto ids = make_seeded_ids(1);
  Envelope envelope(loop.clock, *ids, "order-service");
  const auto follow = [&](std::string traceparent) {
    const Record record = envelope.originate("type", "key", "value", traceparent);
    return std::string(trace_of(record));
  };
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  CHECK(follow("00-" + trace + "-b7ad6b7169203331-01") == trace);
  CHECK(follow("00-" + trace + "-b7ad6b7169203331-00") == trace);
  const std::string zeros(32, '0');
  const std::vector<std::string> refused = {
      "",
      "00-" + zeros + "-b7ad6b7169203331-01",
      "00-" + trace + "-0000000000000000-01",
      "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c8031\"\xff-b7ad6b7169203331-01",
      "00-" + trace + "-b7ad6b716920333x-01",
      "00-" + trace + "-b7ad6b7169203331-0x",
      "01-" + trace + "-b7ad6b7169203331-01",
      "00-" + trace + "-b7ad6b7169203331-01-more",
  };
  for (const std::string& traceparent : refused) {
    INFO(traceparent);
    const std::string made = follow(traceparent);
    CHECK(made != trace);
    CHECK(made != zeros);
    CHECK(made.find_first_not_of("0123456789abcdef") == std::string::npos);
  }
}

TEST_CASE("A ce_id without end is known by what is made of it, so that what follows stays small") {
  Record record("k", "v");
  record.headers.add(headers::ce_id, std::string(1'000'000, 'x'));
  const ConsumerRecord read(Position(TopicPartition("orders", 0), 7), std::make_shared<const Record>(record));
  CHECK(event_id(read).size() == 36);
  CHECK(event_id(read) == event_id(read));
  const ConsumerRecord retry(Position(TopicPartition("orders", 0), 9),
                             std::make_shared<const Record>(Envelope::retry(read, 1)));
  CHECK(event_id(retry) == event_id(read));
}

TEST_CASE("The count of a retry stays a count, however often it was retried") {
  CHECK(next_retry_count(0) == 1);
  CHECK(next_retry_count(2'147'483'646) == 2'147'483'647);
  CHECK(next_retry_count(2'147'483'647) == 2'147'483'647);
}
