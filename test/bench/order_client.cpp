// Places orders at a fixed rate and prints, in seconds, how long after the moment at which an order was due it was
// answered, and how long until its NOTIFIED came by /events:
//   post P50 P99
//   notified P50 P99
//   order_client PORT RATE SECONDS [--no-events | --closed-loop]
// --closed-loop does it wrong: it waits for each answer before it sends the next order, and counts from the sending.
// While the server stalls it asks for nothing, and so it sees nothing (Tene: "coordinated omission").
// order_client_test.py shows what that hides.
#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using Instant = std::chrono::steady_clock::time_point;

constexpr std::size_t connections = 64;
constexpr auto patience = std::chrono::seconds(20);

/// The text between `before` and the next quote.
std::string text_after(std::string_view in, std::string_view before) {
  const std::size_t found = in.find(before);
  if (found == std::string_view::npos) return {};
  const std::size_t begin = found + before.size();
  return std::string(in.substr(begin, in.find('"', begin) - begin));
}

double percentile(std::vector<double>& values, double share) {
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

void print(std::string_view what, std::vector<double>& seconds) {
  fmt::print("{} {:.9g} {:.9g}\n", what, percentile(seconds, 0.5), percentile(seconds, 0.99));
}

class Client {
 public:
  Client(std::uint16_t port, std::size_t rate, std::size_t orders, bool with_events, bool closed_loop)
      : port_(port),
        interval_(std::chrono::nanoseconds(1'000'000'000 / rate)),
        orders_(orders),
        events_(with_events),
        closed_loop_(closed_loop) {}

  void run() {
    if (events_) spawn(read_events());
    for (std::size_t i = 0; i < (closed_loop_ ? 1 : connections); ++i) spawn(keep_posting());
    spawn(make_due());
    loop_.run();
    if (failure_) std::rethrow_exception(failure_);
    print("post", post_);
    if (events_) print("notified", notified_);
  }

 private:
  void spawn(asio::awaitable<void> task) {
    asio::co_spawn(loop_, std::move(task), [this](std::exception_ptr failure) {
      if (!failure) return;
      failure_ = failure;
      loop_.stop();
    });
  }

  asio::awaitable<tcp::socket> connect() {
    tcp::socket socket(loop_);
    co_await socket.async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), port_), asio::deferred);
    socket.set_option(tcp::no_delay(true));
    co_return socket;
  }

  /// One order after the other falls due, whether or not those before were answered.
  asio::awaitable<void> make_due() {
    asio::steady_timer timer(loop_);
    // Connections and the event stream are open by then.
    const Instant begin = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
    for (std::size_t i = 0; i < orders_; ++i) {
      const Instant due = begin + i * interval_;
      if (due > std::chrono::steady_clock::now()) {
        timer.expires_at(due);
        co_await timer.async_wait(asio::deferred);
      }
      due_.push_back(due);
      if (idle_.empty()) continue;
      asio::steady_timer* waiting = idle_.back();
      idle_.pop_back();
      waiting->cancel_one();
    }
    timer.expires_after(patience);
    co_await timer.async_wait(asio::deferred);
    throw std::runtime_error(fmt::format("of {} orders {} were answered and {} notified within {} s", orders_,
                                         post_.size(), notified_.size(), patience.count()));
  }

  asio::awaitable<void> keep_posting() {
    tcp::socket socket = co_await connect();
    boost::beast::flat_buffer buffer;
    asio::steady_timer waiting(loop_, Instant::max());
    for (;;) {
      while (due_.empty()) {
        idle_.push_back(&waiting);
        co_await waiting.async_wait(asio::as_tuple(asio::deferred));
      }
      const Instant due = closed_loop_ ? std::chrono::steady_clock::now() : due_.front();
      due_.pop_front();
      const std::string request = next_request();
      co_await asio::async_write(socket, asio::buffer(request), asio::deferred);
      http::response<http::string_body> response;
      co_await http::async_read(socket, buffer, response, asio::deferred);
      if (response.result() != http::status::created)
        throw std::runtime_error("an order was refused: " + response.body());
      post_.push_back(seconds_since(due));
      if (events_) keep(text_after(response.body(), "\"id\":\""), due);
      stop_when_done();
    }
  }

  std::string next_request() {
    ++sent_;
    const std::string body =
        fmt::format(R"({{"customerName":"Customer {}","item":"Ramen","quantity":{},"price":{}.25}})", sent_ % 5000,
                    sent_ % 4 + 1, sent_ % 30 + 3);
    return fmt::format(
        "POST /api/orders HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: "
        "{}\r\n\r\n{}",
        port_, body.size(), body);
  }

  asio::awaitable<void> read_events() {
    tcp::socket socket = co_await connect();
    const std::string request = fmt::format("GET /events HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", port_);
    co_await asio::async_write(socket, asio::buffer(request), asio::deferred);
    std::string text;
    for (;;) {
      const std::size_t size =
          co_await asio::async_read_until(socket, asio::dynamic_buffer(text), '\n', asio::deferred);
      const std::string_view line(text.data(), size);
      if (line.find("\"action\":\"NOTIFIED\"") != std::string_view::npos) notified(text_after(line, "\"orderId\":\""));
      text.erase(0, size);
      stop_when_done();
    }
  }

  // An order's NOTIFIED may come before its answer.
  void keep(const std::string& id, Instant due) {
    const auto early = early_.find(id);
    if (early == early_.end()) {
      due_of_.emplace(id, due);
      return;
    }
    notified_.push_back(std::chrono::duration<double>(early->second - due).count());
    early_.erase(early);
  }

  void notified(const std::string& id) {
    const auto found = due_of_.find(id);
    if (found == due_of_.end()) {
      early_.emplace(id, std::chrono::steady_clock::now());  // or it is an order of somebody before us
      return;
    }
    notified_.push_back(seconds_since(found->second));
    due_of_.erase(found);
  }

  void stop_when_done() {
    if (post_.size() == orders_ && (!events_ || notified_.size() == orders_)) loop_.stop();
  }

  static double seconds_since(Instant then) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
  }

  asio::io_context loop_{1};
  const std::uint16_t port_;
  const std::chrono::nanoseconds interval_;
  const std::size_t orders_;
  const bool events_;
  const bool closed_loop_;
  std::size_t sent_ = 0;
  std::deque<Instant> due_;
  std::vector<asio::steady_timer*> idle_;
  std::unordered_map<std::string, Instant> due_of_;  ///< answered, not notified
  std::unordered_map<std::string, Instant> early_;   ///< notified, not answered
  std::vector<double> post_;
  std::vector<double> notified_;
  std::exception_ptr failure_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    fmt::print(stderr, "usage: order_client PORT RATE SECONDS [--no-events | --closed-loop]\n");
    return 2;
  }
  const auto rate = static_cast<std::size_t>(std::max(1, std::atoi(arguments[2])));
  const auto orders = static_cast<std::size_t>(static_cast<double>(rate) * std::atof(arguments[3]));
  Client client(static_cast<std::uint16_t>(std::atoi(arguments[1])), rate, std::max<std::size_t>(orders, 1), count == 4,
                count > 4 && std::string_view(arguments[4]) == "--closed-loop");
  client.run();
}
