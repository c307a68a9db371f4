#pragma once

#include "foodorder/base/park.hpp"
#include "http/server.hpp"
#include "support/http_client.hpp"
#include "support/virtual_clock.hpp"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <thread>

namespace foodorder::test {

/// A handler that holds its requests back until release().
struct Gate {
  Task<> pass();
  void release();
  std::vector<Waiter<Wake>> waiting;
  std::atomic<int> arrived = 0;
};

/// What a test does to a stream, and sees of it.
struct StreamControl {
  void push(std::string text);
  void end();
  std::vector<http::Chunk> ready;
  bool ended = false;
  Waiter<Wake> waiting;
  std::atomic<int> nexts = 0;
  std::atomic<bool> closed = false;
  std::atomic<bool> destroyed = false;
};

std::unique_ptr<http::BodyStream> make_test_stream(std::shared_ptr<StreamControl> control);

/// A server on a free port of loopback, its loop on a thread of its own.
class RunningServer final {
 public:
  explicit RunningServer(std::vector<http::Route> routes, http::ServerSpec spec = {});
  ~RunningServer();
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  HttpClient client() const { return HttpClient(port_); }
  std::uint16_t port() const { return port_; }
  /// Runs `call` on the server's thread and waits for it.
  void on_loop(std::function<void()> call);
  http::ServerStats stats();
  /// Moves the time that it tells; it begins at the example of RFC 9110.
  void advance(Duration duration);
  void drain(Duration limit);
  /// True once serve() has completed.
  bool served() const { return served_; }
  /// Destroys server and loop as they are, connections included.
  void destroy();

 private:
  std::unique_ptr<asio::io_context> loop_;
  VirtualClock clock_{Timestamp(std::chrono::seconds(784'111'777))};
  std::unique_ptr<http::Server> server_;
  std::uint16_t port_ = 0;
  std::atomic<bool> served_ = false;
  std::thread thread_;
};

/// Waits until `condition` holds, for at most ten seconds; whether it does.
bool eventually(const std::function<bool()>& condition);

/// GET /hello, POST /echo, GET /orders/{id}, GET /throws, GET /throws-int, GET /bad-header, GET /big (100 KB),
/// POST /control (needs the token), GET /probe (under any Host), GET /page, GET /query.
std::vector<http::Route> example_routes();

}  // namespace foodorder::test
