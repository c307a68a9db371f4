#include "http/client.hpp"
#include "running_server.hpp"
#include "support/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

using namespace foodorder;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

using asio::ip::tcp;

/// A service that answers with bytes as they are given, on the client's own loop. What follows in a script after an
/// answer, it does with the connection.
class RawService {
 public:
  explicit RawService(asio::io_context& loop, std::string answer, bool closes = false)
      : answer_(std::move(answer)), closes_(closes), acceptor_(loop, tcp::endpoint(tcp::v4(), 0)) {
    asio::co_spawn(loop, accept(), asio::detached);
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  int connections = 0;
  std::vector<std::string> requests;
  bool resets = false;
  Duration pause_between_bytes{};

 private:
  Task<> accept() {
    for (;;) {
      tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
      ++connections;
      asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket)), asio::detached);
    }
  }

  Task<> serve(tcp::socket socket) {
    std::string got(4096, '\0');
    for (;;) {
      const std::size_t size = co_await socket.async_read_some(asio::buffer(got), asio::use_awaitable);
      requests.push_back(got.substr(0, size));
      if (resets) {
        socket.set_option(tcp::socket::linger(true, 0));
        socket.close();
        co_return;
      }
      if (pause_between_bytes > Duration::zero())
        co_await drip(socket);
      else
        co_await asio::async_write(socket, asio::buffer(answer_), asio::use_awaitable);
      if (closes_) co_return;
    }
  }

  Task<> drip(tcp::socket& socket) {
    asio::steady_timer timer(acceptor_.get_executor());
    for (const char& byte : answer_) {
      co_await asio::async_write(socket, asio::buffer(&byte, 1), asio::use_awaitable);
      timer.expires_after(pause_between_bytes);
      co_await timer.async_wait(asio::use_awaitable);
    }
  }

  std::string answer_;
  bool closes_;
  tcp::acceptor acceptor_;
};

/// A port on which nobody listens.
std::uint16_t idle_port(asio::io_context& loop) {
  return tcp::acceptor(loop, tcp::endpoint(tcp::v4(), 0)).local_endpoint().port();
}

struct Asking {
  Result<http::ClientAnswer> ask(http::Client& client, Duration within = seconds(10)) {
    http::ClientRequest request(http::Method::post, "/check");
    request.body = "{}";
    request.headers.emplace_back("X-Deadline-Ms", "300");
    return wait(client.exchange(std::move(request), clock->now() + within));
  }

  template <class T>
  T wait(Task<T> task) {
    std::optional<T> result;
    asio::co_spawn(loop, std::move(task), [&](std::exception_ptr, T value) {
      result = std::move(value);
      loop.stop();
    });
    loop.restart();
    loop.run();
    return std::move(*result);
  }

  std::unique_ptr<http::Client> client_of(std::uint16_t port, http::ClientLimits limits = {}) {
    return http::make_client(
        loop.get_executor(), *clock, [port] { return std::optional(http::Address("127.0.0.1", port)); }, limits);
  }

  asio::io_context loop{1};
  std::unique_ptr<Clock> clock = make_system_clock(loop.get_executor());
};

const std::string good = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

}  // namespace

TEST_CASE("A client asks our own server, and keeps its connection") {
  test::RunningServer server(test::example_routes());
  Asking asking;
  const auto client = asking.client_of(server.port());
  for (int i = 0; i < 5; ++i) {
    http::ClientRequest request(http::Method::post, "/echo");
    request.body = "{\"a\":1}";
    const auto answer = asking.wait(client->exchange(std::move(request), asking.clock->now() + seconds(10)));
    REQUIRE(answer.has_value());
    CHECK(answer->status == 201);
    CHECK(answer->content_type == "application/json");
    CHECK(answer->body == "{\"a\":1}");
  }
  CHECK(server.stats().connections_total == 1);
}

TEST_CASE("A client sends what it is given, and a whole answer is one answer") {
  Asking asking;
  RawService service(asking.loop, good);
  const auto client = asking.client_of(service.port());
  CHECK(asking.ask(*client)->body == "{}");
  CHECK(asking.ask(*client)->body == "{}");
  CHECK(service.connections == 1);
  CHECK(service.requests[0] ==
        "POST /check HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(service.port()) +
            "\r\nX-Deadline-Ms: 300\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

TEST_CASE("A connection that the service has closed meanwhile is replaced") {
  Asking asking;
  RawService service(asking.loop, good, true);
  const auto client = asking.client_of(service.port());
  for (int i = 0; i < 3; ++i) CHECK(asking.ask(*client)->body == "{}");
  CHECK(service.connections == 3);
}

TEST_CASE("Nobody listens: surely nothing was done") {
  Asking asking;
  const auto client = asking.client_of(idle_port(asking.loop));
  const auto answer = asking.ask(*client);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Errc::unavailable);
  CHECK(answer.error().message.find("127.0.0.1:") == 0);
  const auto homeless =
      http::make_client(asking.loop.get_executor(), *asking.clock, [] { return std::optional<http::Address>(); });
  CHECK(asking.ask(*homeless).error().code == Errc::unavailable);
}

TEST_CASE("Where one instance does not listen, another one is asked within the same exchange") {
  Asking asking;
  RawService service(asking.loop, good);
  const std::uint16_t ports[] = {idle_port(asking.loop), service.port()};
  std::size_t turn = 0;
  const auto client = http::make_client(asking.loop.get_executor(), *asking.clock,
                                        [&] { return std::optional(http::Address("127.0.0.1", ports[turn++ % 2])); });
  for (int i = 0; i < 4; ++i) CHECK(asking.ask(*client).has_value());
  CHECK(service.requests.size() == 4);
}

TEST_CASE("A service is found by its name, and a name that means nothing is told within the deadline") {
  Asking asking;
  RawService service(asking.loop, good);
  std::string name = "localhost";
  const auto client = http::make_client(asking.loop.get_executor(), *asking.clock,
                                        [&] { return std::optional(http::Address(name, service.port())); });
  for (int i = 0; i < 2; ++i) CHECK(asking.ask(*client)->body == "{}");
  CHECK(service.connections == 1);
  CHECK(service.requests[0].find("Host: localhost:") != std::string::npos);
  name = "no-such-host.invalid";
  const auto answer = asking.ask(*client, seconds(5));
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Errc::unavailable);
  CHECK(answer.error().message.find("no-such-host.invalid:") == 0);
}

TEST_CASE("A request may allow for a larger answer than its client") {
  Asking asking;
  http::ClientLimits limits;
  limits.body_bytes = 1;
  RawService service(asking.loop, good);
  const auto client = asking.client_of(service.port(), limits);
  CHECK_FALSE(asking.ask(*client).has_value());
  http::ClientRequest request(http::Method::get, "/api/bus/topics/audit/messages");
  request.answer_max_bytes = 2;
  CHECK(asking.wait(client->exchange(std::move(request), asking.clock->now() + seconds(10)))->body == "{}");
}

TEST_CASE("An answer larger than its bound is refused, however it is framed") {
  Asking asking;
  const std::string large(70'000, ' ');
  for (const std::string& answer :
       {"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n" + large,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11170\r\n" + large + "\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n" + large, "HTTP/1.1 200 OK\r\nX: " + large + "\r\n\r\n"}) {
    RawService service(asking.loop, answer, true);
    const auto client = asking.client_of(service.port());
    const auto got = asking.ask(*client);
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().code == Errc::outcome_unknown);
    CHECK(got.error().message.find("bytes") != std::string::npos);
  }
}

TEST_CASE("Slow bytes, silence and cut answers end by the deadline") {
  Asking asking;
  RawService dripping(asking.loop, good);
  dripping.pause_between_bytes = milliseconds(40);
  const auto slow = asking.client_of(dripping.port());
  CHECK(asking.ask(*slow, milliseconds(200)).error().code == Errc::outcome_unknown);
  RawService silent(asking.loop, "");
  const auto waiting = asking.client_of(silent.port());
  const auto nothing = asking.ask(*waiting, milliseconds(100));
  REQUIRE_FALSE(nothing.has_value());
  CHECK(nothing.error().message.find("no whole answer in time") != std::string::npos);
  RawService cutting(asking.loop, good.substr(0, good.size() - 1), true);
  const auto cut = asking.client_of(cutting.port());
  CHECK(asking.ask(*cut).error().code == Errc::outcome_unknown);
}

TEST_CASE("A reset, and an answer that is not HTTP, are told as such") {
  Asking asking;
  RawService resetting(asking.loop, good);
  resetting.resets = true;
  const auto reset = asking.client_of(resetting.port());
  CHECK(asking.ask(*reset).error().code == Errc::outcome_unknown);
  CHECK(resetting.connections == 1);
  RawService stranger(asking.loop, "SSH-2.0-OpenSSH_9.2\r\n", true);
  const auto strange = asking.client_of(stranger.port());
  const auto answer = asking.ask(*strange);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().message.find("no HTTP answer") != std::string::npos);
  RawService interim(asking.loop, "HTTP/1.1 102 Processing\r\n\r\n");
  const auto processing = asking.client_of(interim.port());
  CHECK_FALSE(asking.ask(*processing).has_value());
}

TEST_CASE("A redirect is an answer, and is not followed") {
  Asking asking;
  RawService service(asking.loop, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  const auto client = asking.client_of(service.port());
  const auto answer = asking.ask(*client);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 302);
}

TEST_CASE("Bytes behind an answer end its connection") {
  Asking asking;
  RawService service(asking.loop, good + good);
  const auto client = asking.client_of(service.port());
  CHECK(asking.ask(*client).has_value());
  CHECK(asking.ask(*client).has_value());
  CHECK(service.connections == 2);
}
