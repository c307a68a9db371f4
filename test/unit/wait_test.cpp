#include "foodorder/base/wait.hpp"
#include "support/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <string>

using namespace foodorder;

namespace {

Task<> pass(Turn& turn, Bell& inside, std::string& log, char name) {
  co_await turn.take();
  log += name;
  co_await inside.wait();
  log += name;
  turn.give();
}

Task<> hear(Bell& bell, int& heard) {
  co_await bell.wait();
  ++heard;
}

Task<> hear_until(Bell& bell, Clock& clock, Timestamp when, int& heard) {
  co_await bell.wait_until(clock, when);
  ++heard;
}

void run(asio::io_context& loop) {
  loop.restart();
  loop.poll();
}

}  // namespace

TEST_CASE("A turn lets one in at a time, in the order in which they asked") {
  asio::io_context loop;
  Turn turn;
  Bell inside;
  std::string log;
  for (const char name : {'a', 'b', 'c'}) asio::co_spawn(loop, pass(turn, inside, log, name), asio::detached);
  run(loop);
  CHECK(log == "a");
  inside.ring();
  run(loop);
  CHECK(log == "aab");
  inside.ring();
  run(loop);
  inside.ring();
  run(loop);
  CHECK(log == "aabbcc");
  asio::co_spawn(loop, pass(turn, inside, log, 'd'), asio::detached);  // free again
  run(loop);
  CHECK(log == "aabbccd");
  inside.ring();
  run(loop);
}

TEST_CASE("A ring that nobody hears is kept for the next wait, and only one of them") {
  asio::io_context loop;
  Bell bell;
  int heard = 0;
  bell.ring();
  bell.ring();
  asio::co_spawn(loop, hear(bell, heard), asio::detached);
  run(loop);
  CHECK(heard == 1);
  asio::co_spawn(loop, hear(bell, heard), asio::detached);
  run(loop);
  CHECK(heard == 1);
  bell.ring();
  run(loop);
  CHECK(heard == 2);
}

TEST_CASE("A wait with a time ends at a ring or at its time") {
  asio::io_context loop;
  const auto clock = make_system_clock(loop.get_executor());
  Bell bell;
  int heard = 0;
  asio::co_spawn(loop, hear_until(bell, *clock, clock->now() + std::chrono::hours(1), heard), asio::detached);
  run(loop);
  CHECK(heard == 0);
  bell.ring();
  run(loop);
  CHECK(heard == 1);
  asio::co_spawn(loop, hear_until(bell, *clock, clock->now() + std::chrono::milliseconds(1), heard), asio::detached);
  loop.restart();
  loop.run();
  CHECK(heard == 2);
}
