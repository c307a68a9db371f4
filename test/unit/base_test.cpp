#include "base/fault_domain.hpp"
#include "foodorder/base/base64.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/base/concat.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/base/join.hpp"
#include "foodorder/base/park.hpp"
#include "foodorder/base/result.hpp"
#include "foodorder/base/traceparent.hpp"
#include "foodorder/base/utf8.hpp"
#include "support/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <limits>
#include <stdexcept>

using namespace foodorder;

namespace {

struct Guard {
  explicit Guard(int& destroyed_count) : destroyed(destroyed_count) {}
  ~Guard() { ++destroyed; }
  int& destroyed;
};

Task<int> parked_with_guard(Waiter<int>& out, int& destroyed) {
  Guard guard(destroyed);
  const int value = co_await park<int>([&](Waiter<int> waiter) { out = waiter; });
  co_return value;
}

}  // namespace

TEST_CASE("A text is shortened between characters, and says that it is") {
  CHECK(shortened("pizza", 5) == "pizza");
  CHECK(shortened("pizzas", 5) == "pi...");
  CHECK(shortened("a\u00e9\u00e9\u00e9", 6) == "a\u00e9...");
  CHECK(shortened("a\u00e9\u00e9\u00e9", 5) == "a...");
  CHECK(shortened("\xff\xff\xff\xff\xff\xff", 4) == "\xff...");
  CHECK(shortened(std::string(100'000, 'x')).size() == 100);
}

TEST_CASE("A parked coroutine resumes with the first value, later ones are ignored") {
  asio::io_context loop;
  Waiter<int> waiter;
  int destroyed = 0;
  int got = 0;
  asio::co_spawn(loop, parked_with_guard(waiter, destroyed), [&](std::exception_ptr, int value) { got = value; });
  loop.poll();
  REQUIRE(waiter.pending());
  CHECK(waiter.complete(7));
  CHECK(!waiter.complete(8));
  CHECK(got == 0);  // resumed by a post, not from inside complete()
  loop.poll();
  CHECK(got == 7);
  CHECK(destroyed == 1);
}

TEST_CASE("A crash destroys what is parked or queued in its domain and nothing of it runs again") {
  asio::io_context loop;
  FaultDomain domain(loop.get_executor(), "notification-1");
  Waiter<int> first;
  Waiter<int> second;
  int destroyed = 0;
  int finished = 0;
  const auto count = [&](std::exception_ptr, int) { ++finished; };
  asio::co_spawn(domain.get_executor(), parked_with_guard(first, destroyed), count);
  asio::co_spawn(domain.get_executor(), parked_with_guard(second, destroyed), count);
  loop.poll();
  REQUIRE(first.pending());
  REQUIRE(second.complete(1));  // queued, not run
  domain.crash();
  CHECK(!first.complete(1));
  loop.restart();
  loop.poll();
  CHECK(destroyed == 2);
  CHECK(finished == 0);
}

TEST_CASE("A waiter completed on the loop's own thread resumes its domain's coroutine later, not at once") {
  asio::io_context loop;
  FaultDomain domain(loop.get_executor(), "notification-1");
  Waiter<int> waiter;
  int destroyed = 0;
  int got = 0;
  int got_inside = -1;
  asio::co_spawn(domain.get_executor(), parked_with_guard(waiter, destroyed),
                 [&](std::exception_ptr, int value) { got = value; });
  loop.poll();
  asio::post(loop, [&] {
    waiter.complete(7);
    got_inside = got;
  });
  loop.restart();
  loop.poll();
  CHECK(got_inside == 0);
  CHECK(got == 7);
}

TEST_CASE("Timers fire in the order of their times, then of their making, and cancelled ones never") {
  asio::io_context loop;
  const auto clock = make_system_clock(loop.get_executor());
  std::string order;
  const Timestamp now = clock->now();
  clock->call_at(now + std::chrono::milliseconds(2), [&] { order += 'c'; });
  clock->call_at(now + std::chrono::milliseconds(1), [&] { order += 'a'; });
  const auto cancelled = clock->call_at(now + std::chrono::milliseconds(1), [&] { order += 'x'; });
  clock->call_at(now + std::chrono::milliseconds(1), [&] { order += 'b'; });
  clock->cancel(cancelled);
  loop.run();
  CHECK(order == "abc");
}

TEST_CASE("Stamps increase even when the clock does not") {
  asio::io_context loop;
  const auto clock = make_system_clock(loop.get_executor());
  Timestamp last = clock->stamp();
  for (int i = 0; i < 1000; ++i) {
    const Timestamp next = clock->stamp();
    REQUIRE(next > last);
    last = next;
  }
}

TEST_CASE("Times are written and read as RFC 3339") {
  const Timestamp time = *parse_iso("2026-02-05T13:11:17.406789Z");
  CHECK(to_iso_millis(time) == "2026-02-05T13:11:17.406Z");
  CHECK(to_iso_micros(time) == "2026-02-05T13:11:17.406789Z");
  CHECK(parse_iso("2026-02-05T15:11:17.406789+02:00") == time);
  CHECK(to_iso_millis(*parse_iso("0000-01-01T00:00:00Z")) == "0000-01-01T00:00:00.000Z");
  CHECK(to_iso_micros(*parse_iso("9999-12-31T23:59:59.999999Z")) == "9999-12-31T23:59:59.999999Z");
  CHECK(to_iso_millis(Timestamp(Duration(-1))) == "1969-12-31T23:59:59.999Z");
  CHECK(to_iso_millis(Timestamp(Duration(0))) == "1970-01-01T00:00:00.000Z");
  CHECK(to_iso_millis(Timestamp(Duration(999'999))) == "1970-01-01T00:00:00.999Z");
  CHECK(to_iso_millis(Timestamp(Duration(1'000'000))) == "1970-01-01T00:00:01.000Z");
  CHECK(parse_iso("1969-12-31T23:59:59.5Z") == Timestamp(Duration(-500'000)));
  for (const char* bad : {"", "2026-02-05", "2026-02-30T00:00:00Z", "2026-02-05T24:00:00Z", "2026-02-05T13:11:17",
                          "2026-02-05T13:11:17.Z", "0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-00:01",
                          "2026-02-05T13:11:17Zx", "2026-02-05 13:11:17Z"})
    CHECK(!parse_iso(bad));
}

TEST_CASE("A time in the second that was written last is read as any other") {
  const Timestamp time = *parse_iso("2026-02-05T13:11:17.406789Z");
  const auto written = to_iso_micros(time);
  CHECK(parse_iso(written) == time);
  CHECK(parse_iso("2026-02-05T13:11:17.4Z") == time - Duration(6'789));
  CHECK(parse_iso("2026-02-05T13:11:17.406789+02:00") == time - std::chrono::hours(2));
  for (const char* bad : {"2026-02-05T13:11:17.", "2026-02-05T13:11:17.Z", "2026-02-05T13:11:17.4",
                          "2026-02-05T13:11:17.4Zx", "2026-02-05T13:11:17.0123456789Z"})
    CHECK(!parse_iso(bad));
}

TEST_CASE("Ids are UUIDs of their version, and names always give the same one") {
  const auto ids = make_seeded_ids(7);
  const std::string first = ids->uuid();
  CHECK(is_uuid(first));
  CHECK(first[14] == '4');
  CHECK(std::string("89ab").find(first[19]) != std::string::npos);
  CHECK(ids->uuid() != first);
  CHECK(make_seeded_ids(7)->uuid() == first);
  CHECK(uuid_from_name("a") == uuid_from_name("a"));
  CHECK(uuid_from_name("a") != uuid_from_name("b"));
  CHECK(uuid_from_name("a")[14] == '5');
  CHECK(is_uuid(uuid_from_hash("a").text()));
  CHECK(uuid_from_hash("a").text().view()[14] == '8');
  CHECK(uuid_from_hash("a") == uuid_from_hash("a"));
  CHECK(!(uuid_from_hash("a") == uuid_from_hash("b")));
  CHECK(uuid_from_hash({"a", "", "bc"}) == uuid_from_hash("abc"));
  // Stands in logs: another release that repeats the work of this one must come to the same.
  CHECK(uuid_from_hash("one").text() == "8ac5eb14-011c-802c-8b93-fdde0fe6486c");
  CHECK(stable_hash_pair("abc") == std::pair(stable_hash("abc"), stable_hash("abc", 1)));
  CHECK(ids->hex(32).size() == 32);
  std::string digits;  // each occurs in so many, and nothing else
  for (std::size_t size = 0; size < 40; ++size) digits += ids->hex(size);
  CHECK(digits.find_first_not_of("0123456789abcdef") == std::string::npos);
  for (const char digit : std::string_view("0123456789abcdef")) CHECK(digits.find(digit) != std::string::npos);
}

TEST_CASE("A UUID is read from its own text, and from no other") {
  const auto ids = make_seeded_ids(7);
  for (int i = 0; i < 100; ++i) {
    const Uuid uuid = ids->new_uuid();
    CHECK(Uuid::parse(uuid.text()) == uuid);
  }
  const std::string text = "8ac5eb14-011c-802c-8b93-fdde0fe6486c";
  REQUIRE(Uuid::parse(text));
  CHECK(Uuid::parse(text)->text() == text);
  for (const char* bad : {"", "8AC5EB14-011C-802C-8B93-FDDE0FE6486C", "8ac5eb14-011c-802c-8b93-fdde0fe6486",
                          "8ac5eb14-011c-802c-8b93-fdde0fe6486cc", "8ac5eb14 011c-802c-8b93-fdde0fe6486c",
                          "8ac5eb14-011c-802c-8b93-fdde0fe6486g", "{ac5eb14-011c-802c-8b93-fdde0fe6486}"})
    CHECK(!Uuid::parse(bad));
}

TEST_CASE("A traceparent is read from its own text, and has a trace and a span") {
  const std::string text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  const auto read = Traceparent::parse(text);
  REQUIRE(read);
  CHECK(read->text() == text);
  CHECK(read->trace_id() == text.substr(3, 32));
  const Traceparent sampled{1, 0, 1};
  CHECK(sampled.text() == "00-10000000000000000000000000000000-1000000000000000-01");
  CHECK(Traceparent::parse(sampled.text()) == sampled);
  for (const char* bad : {"", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                          "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                          "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                          "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"})
    CHECK(!Traceparent::parse(bad));
}

TEST_CASE("join ends with the last of its tasks, and a failure comes out at once") {
  asio::io_context loop;
  Waiter<int> first;
  Waiter<int> second;
  bool joined = false;
  std::string failure;
  const auto wait_for = [](Waiter<int>& waiter) -> Task<> {
    const int value = co_await park<int>([&](Waiter<int> parked) { waiter = parked; });
    if (value < 0) throw std::runtime_error("broken");
  };
  const auto start = [&] {
    std::vector<Task<>> tasks;
    tasks.push_back(wait_for(first));
    tasks.push_back(wait_for(second));
    asio::co_spawn(loop, join(std::move(tasks)), [&](std::exception_ptr error) {
      joined = true;
      try {
        if (error) std::rethrow_exception(error);
      } catch (const std::runtime_error& what) {
        failure = what.what();
      }
    });
    loop.restart();
    loop.poll();
  };
  start();
  first.complete(1);
  loop.poll();
  CHECK(!joined);
  second.complete(1);
  loop.poll();
  CHECK(joined);
  CHECK(failure.empty());

  joined = false;
  start();
  second.complete(-1);
  loop.poll();
  CHECK(joined);
  CHECK(failure == "broken");
}

TEST_CASE("Base64 gives the test vectors of RFC 4648") {
  CHECK(to_base64("") == "");
  CHECK(to_base64("f") == "Zg==");
  CHECK(to_base64("fo") == "Zm8=");
  CHECK(to_base64("foo") == "Zm9v");
  CHECK(to_base64("foobar") == "Zm9vYmFy");
  CHECK(to_base64("\xff\xfe") == "//4=");
}

TEST_CASE("Base64 is read back as it was written, and nothing else is read") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all += static_cast<char>(byte);
    CHECK(from_base64(to_base64(all)) == all);
  }
  CHECK(from_base64("") == "");
  for (const char* bad : {"Z", "Zg", "Zg=", "Zh==", "Zg==Zg==", "Z===", "====", "Zm9*", "Zm 9", "Zm8=\n", "Zm9-"})
    CHECK(!from_base64(bad));
}

TEST_CASE("Texts and whole numbers are joined in their order") {
  std::string out = concat("a", std::string("b"), fmt::format_int(-12), std::string_view(), "\n");
  CHECK(out == "ab-12\n");
  append(out, fmt::format_int(std::numeric_limits<std::int64_t>::min()), "}");
  CHECK(out == "ab-12\n-9223372036854775808}");
}

TEST_CASE("UTF-8 is well formed without surrogates, overlong forms and what is beyond Unicode") {
  for (const char* good :
       {"", "a", "\u00e9", "\u20ac", "\U0001F355", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"})
    CHECK(is_utf8(good));
  for (const char* bad : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80",
                          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xc3("})
    CHECK(!is_utf8(bad));
}
