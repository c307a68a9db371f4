#include "foodorder/base/wait.hpp"
#include "support/catch.hpp"
#include "support/virtual_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <string>

using namespace foodorder;

namespace {

Task<> pass(AsyncMutex& mutex, AsyncEvent& inside, std::string& log, char name) {
  co_await mutex.lock();
  log += name;
  co_await inside.wait();
  log += name;
  mutex.unlock();
}

Task<> hear(AsyncEvent& event, int& heard) {
  co_await event.wait();
  ++heard;
}

Task<> hear_until(AsyncEvent& event, Clock& clock, Timestamp when, int& heard) {
  co_await event.wait_until(clock, when);
  ++heard;
}

Task<> await(Condition& condition, int& woken) {
  co_await condition.wait();
  ++woken;
}

Task<> await_alone(Condition& condition, Waiter<Wake>& mine, int& woken) {
  co_await condition.wait(&mine);
  ++woken;
}

Task<> await_until(Condition& condition, Clock& clock, Timestamp when, std::string& log) {
  const bool in_time = co_await condition.wait_until(clock, when);
  log += in_time ? 'n' : 't';
}

void run(asio::io_context& loop) {
  loop.restart();
  loop.poll();
}

}  // namespace

TEST_CASE("A mutex lets one in at a time, in the order in which they asked") {
  asio::io_context loop;
  AsyncMutex mutex;
  AsyncEvent inside;
  std::string log;
  for (const char name : {'a', 'b', 'c'}) asio::co_spawn(loop, pass(mutex, inside, log, name), asio::detached);
  run(loop);
  CHECK(log == "a");
  inside.set();
  run(loop);
  CHECK(log == "aab");
  inside.set();
  run(loop);
  inside.set();
  run(loop);
  CHECK(log == "aabbcc");
  asio::co_spawn(loop, pass(mutex, inside, log, 'd'), asio::detached);  // free again
  run(loop);
  CHECK(log == "aabbccd");
  inside.set();
  run(loop);
}

TEST_CASE("A ring that nobody hears is kept for the next wait, and only one of them") {
  asio::io_context loop;
  AsyncEvent event;
  int heard = 0;
  event.set();
  event.set();
  asio::co_spawn(loop, hear(event, heard), asio::detached);
  run(loop);
  CHECK(heard == 1);
  asio::co_spawn(loop, hear(event, heard), asio::detached);
  run(loop);
  CHECK(heard == 1);
  event.set();
  run(loop);
  CHECK(heard == 2);
}

TEST_CASE("A wait with a time ends at a ring or at its time") {
  asio::io_context loop;
  const auto clock = make_system_clock(loop.get_executor());
  AsyncEvent event;
  int heard = 0;
  asio::co_spawn(loop, hear_until(event, *clock, clock->now() + std::chrono::hours(1), heard), asio::detached);
  run(loop);
  CHECK(heard == 0);
  event.set();
  run(loop);
  CHECK(heard == 1);
  asio::co_spawn(loop, hear_until(event, *clock, clock->now() + std::chrono::milliseconds(1), heard), asio::detached);
  loop.restart();
  loop.run();
  CHECK(heard == 2);
}

TEST_CASE("A notification wakes all that wait, and only those") {
  asio::io_context loop;
  Condition condition;
  int woken = 0;
  condition.notify_all();  // nobody waits: lost
  for (int i = 0; i < 10; ++i) asio::co_spawn(loop, await(condition, woken), asio::detached);
  run(loop);
  CHECK(woken == 0);
  condition.notify_all();
  condition.notify_all();
  run(loop);
  CHECK(woken == 10);
  asio::co_spawn(loop, await(condition, woken), asio::detached);
  run(loop);
  CHECK(woken == 10);
}

TEST_CASE("One that waits for a condition can be woken alone") {
  asio::io_context loop;
  Condition condition;
  Waiter<Wake> mine;
  int woken = 0;
  asio::co_spawn(loop, await(condition, woken), asio::detached);
  asio::co_spawn(loop, await_alone(condition, mine, woken), asio::detached);
  run(loop);
  CHECK(mine.complete(Wake{}));
  run(loop);
  CHECK(woken == 1);
  condition.notify_all();
  run(loop);
  CHECK(woken == 2);
}

TEST_CASE("A wait for a condition tells a notification from a time that has come") {
  asio::io_context loop;
  VirtualClock clock;
  const Timestamp due = clock.now() + std::chrono::seconds(1);
  std::string log;
  Condition condition;
  asio::co_spawn(loop, await_until(condition, clock, due, log), asio::detached);
  run(loop);
  condition.notify_all();
  clock.advance(std::chrono::seconds(1));  // too late: it has been notified
  run(loop);
  CHECK(log == "n");
  asio::co_spawn(loop, await_until(condition, clock, due, log), asio::detached);
  run(loop);
  CHECK(log == "nt");  // at once: the time has come
  asio::co_spawn(loop, await_until(condition, clock, due + std::chrono::seconds(1), log), asio::detached);
  run(loop);
  clock.advance(std::chrono::seconds(1));
  condition.notify_all();
  run(loop);
  CHECK(log == "ntt");
}
