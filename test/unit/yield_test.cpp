#include "foodorder/base/yield.hpp"

#include "base/fault_domain.hpp"
#include "support/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <string>

using namespace foodorder;

namespace {

Task<> work(std::string& log, char name, int pieces) {
  for (int i = 0; i < pieces; ++i) {
    co_await yield();
    log += name;
  }
}

/// Something short that comes again in each pass, `times` times.
void tick(asio::io_context& loop, std::string& log, int times) {
  log += '.';
  if (times > 1) asio::post(loop, [&loop, &log, times] { tick(loop, log, times - 1); });
}

/// The most pieces that stand between two ticks.
std::size_t longest_wait(const std::string& log) {
  std::size_t longest = 0;
  std::size_t pieces = 0;
  for (const char c : log) {
    pieces = c == '.' ? 0 : pieces + 1;
    longest = std::max(longest, pieces);
  }
  return longest;
}

}  // namespace

TEST_CASE("Long work takes turns: each gets a piece before anyone gets the next") {
  asio::io_context loop;
  std::string log;
  for (const char name : {'a', 'b', 'c'}) asio::co_spawn(loop, work(log, name, 3), asio::detached);
  loop.run();
  CHECK(log == "abcabcabc");
}

TEST_CASE("What is short waits for one piece, however much long work there is") {
  asio::io_context loop;
  std::string log;
  for (int i = 0; i < 500; ++i) asio::co_spawn(loop, work(log, 'w', 3), asio::detached);
  loop.poll_one();
  asio::post(loop, [&] { tick(loop, log, 1000); });
  loop.run();
  CHECK(std::count(log.begin(), log.end(), 'w') == 1500);
  CHECK(longest_wait(log.substr(0, log.rfind('.'))) == 1);
}

TEST_CASE("Long work of different fault domains of one loop stands in one queue") {
  asio::io_context loop;
  std::string log;
  FaultDomain one(loop.get_executor(), "one");
  FaultDomain two(loop.get_executor(), "two");
  asio::co_spawn(one.get_executor(), work(log, '1', 100), asio::detached);
  asio::co_spawn(two.get_executor(), work(log, '2', 100), asio::detached);
  for (int i = 0; i < 10; ++i) asio::co_spawn(loop, work(log, '3', 10), asio::detached);
  for (int i = 0; i < 8; ++i) loop.poll_one();
  asio::post(loop, [&] { tick(loop, log, 100); });
  loop.run();
  CHECK(log.size() == 400);
  // A domain's coroutine takes one pass more to go on than the loop's own: neighbours may meet, but never many.
  CHECK(longest_wait(log.substr(0, log.rfind('.'))) <= 3);
}

TEST_CASE("Long work that crashes leaves the queue to the others") {
  asio::io_context loop;
  std::string log;
  {
    FaultDomain domain(loop.get_executor(), "domain");
    for (int i = 0; i < 3; ++i) asio::co_spawn(domain.get_executor(), work(log, 'x', 1'000'000), asio::detached);
    asio::co_spawn(loop, work(log, 'a', 2), asio::detached);
    for (int i = 0; i < 40; ++i) loop.poll_one();
    domain.crash();
    loop.poll();
  }
  const std::string before = log;
  CHECK(std::count(before.begin(), before.end(), 'a') == 2);
  asio::co_spawn(loop, work(log, 'b', 2), asio::detached);
  loop.restart();
  loop.run();
  CHECK(log == before + "bb");
}

TEST_CASE("A loop that ends drops the long work that waits in it") {
  std::string log;
  {
    asio::io_context loop;
    for (int i = 0; i < 3; ++i) asio::co_spawn(loop, work(log, 'x', 1000), asio::detached);
    for (int i = 0; i < 20; ++i) loop.poll_one();
  }
  CHECK(log.size() < 20);
}

TEST_CASE("A piece of work is some dozens of records, or one that is large") {
  WorkPiece small;
  int records = 1;
  while (!small.add(100)) ++records;
  CHECK(records > 32);
  CHECK(records <= 64);
  CHECK(WorkPiece().add(WorkPiece::max_bytes));
}
