#include "rest_client.hpp"

#include "config/config.hpp"

#include <fmt/format.h>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace foodorder::app {

namespace {

namespace beast = boost::beast;
using Tcp = asio::ip::tcp;
using Failure = boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr auto connect_max = std::chrono::seconds(5);
constexpr auto answer_max = std::chrono::seconds(30);
// A connection that was idle for longer may be closed by the server at any moment; it closes idle ones after 60 s.
constexpr auto idle_max = std::chrono::seconds(10);
constexpr std::uint64_t body_max_bytes = 256U << 20U;

beast::http::verb verb_of(http::Method method) { return beast::http::string_to_verb(http::to_string(method)); }

}  // namespace

struct RestClient::Connection {
  Connection(BlockingLoop& loop, std::string the_host, std::string the_port, std::string the_token)
      : stream(loop.executor()),
        clock(loop.clock()),
        host(std::move(the_host)),
        port(std::move(the_port)),
        token(std::move(the_token)) {}

  void close() {
    stream.close();
    buffer.clear();
  }

  Task<Failure> connect() {
    if (stream.socket().is_open() && clock.now() - last_use < idle_max) co_return Failure();
    close();
    Tcp::resolver resolver(stream.get_executor());
    auto [unresolved, endpoints] = co_await resolver.async_resolve(host, port, as_result);
    if (unresolved) co_return unresolved;
    stream.expires_after(connect_max);
    auto [failure, endpoint] = co_await stream.async_connect(endpoints, as_result);
    if (failure) close();
    co_return failure;
  }

  beast::http::request<beast::http::string_body> request_for(http::Method method, const std::string& target) const {
    beast::http::request<beast::http::string_body> request(verb_of(method), target, 11);
    const bool is_v6 = host.find(':') != std::string::npos;
    request.set(beast::http::field::host, fmt::format("{}:{}", is_v6 ? "[" + host + "]" : host, port));
    if (!token.empty()) request.set(beast::http::field::authorization, "Bearer " + token);
    return request;
  }

  Task<Failure> ask(http::Method method, const std::string& target, std::string body, std::string_view type,
                    Answer& answer) {
    auto request = request_for(method, target);
    if (!body.empty()) request.set(beast::http::field::content_type, type);
    request.body() = std::move(body);
    if (!request.body().empty() || method == http::Method::post) request.prepare_payload();
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(body_max_bytes);
    stream.expires_after(answer_max);
    auto [unsent, written] = co_await beast::http::async_write(stream, request, as_result);
    if (unsent) co_return unsent;
    auto [unread, size] = co_await beast::http::async_read(stream, buffer, parser, as_result);
    if (unread) co_return unread;
    finish(parser.get(), answer);
    answer.body = std::move(parser.get().body());
    co_return Failure();
  }

  /// Reads what has come, gives it away, and reads on.
  Task<Failure> read_stream(const std::string& target, const std::function<bool(std::string_view)>& take,
                            Answer& answer) {
    auto request = request_for(http::Method::get, target);
    stream.expires_after(answer_max);
    auto [unsent, written] = co_await beast::http::async_write(stream, request, as_result);
    if (unsent) co_return unsent;
    beast::http::response_parser<beast::http::buffer_body> parser;
    parser.body_limit(boost::none);
    auto [unread, head] = co_await beast::http::async_read_header(stream, buffer, parser, as_result);
    if (unread) co_return unread;
    stream.expires_never();
    finish(parser.get(), answer);
    std::array<char, 64 * 1024> part;
    while (!parser.is_done()) {
      parser.get().body().data = part.data();
      parser.get().body().size = part.size();
      auto [failure, size] = co_await beast::http::async_read_some(stream, buffer, parser, as_result);
      const std::string_view come(part.data(), part.size() - parser.get().body().size);
      const bool is_good = answer.status == 200;
      if (!is_good) answer.body += come;
      if (is_good && !come.empty() && !take(come)) break;
      if (failure && failure != beast::http::error::need_buffer) co_return failure;
    }
    if (!parser.is_done()) close();  // the rest is not wanted
    co_return Failure();
  }

  template <class Message>
  void finish(const Message& message, Answer& answer) {
    last_use = clock.now();
    answer.status = static_cast<int>(message.result_int());
    const auto link = message[beast::http::field::link];
    answer.next = next_of(std::string_view(link.data(), link.size()));
    if (!message.keep_alive()) last_use = {};
  }

  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  Clock& clock;
  std::string host;
  std::string port;
  std::string token;
  Timestamp last_use{};
};

RestClient::RestClient(BlockingLoop& loop, const std::string& url, std::string token) : loop_(loop), url_(url) {
  const auto parsed = parse_base_url(url);
  if (!parsed) throw std::runtime_error(fmt::format("--url must be http://host:port, not {}", url));
  connection_ = std::make_unique<Connection>(loop, parsed->host, parsed->port, std::move(token));
}

RestClient::~RestClient() = default;

Client::Answer RestClient::ask(http::Method method, const std::string& target, std::string body,
                               std::string_view type) {
  if (const Failure failure = loop_.wait(connection_->connect()))
    throw OutOfReach(fmt::format("{} is not in reach: {}", url_, failure.message()));
  Answer answer;
  if (const Failure failure = loop_.wait(connection_->ask(method, target, std::move(body), type, answer))) {
    connection_->close();
    throw OutOfReach(fmt::format("{} {} got no answer: {}", http::to_string(method), target, failure.message()));
  }
  return answer;
}

Client::Answer RestClient::stream(const std::string& target, const std::function<bool(std::string_view)>& take) {
  if (const Failure failure = loop_.wait(connection_->connect()))
    throw OutOfReach(fmt::format("{} is not in reach: {}", url_, failure.message()));
  Answer answer;
  if (const Failure failure = loop_.wait(connection_->read_stream(target, take, answer))) {
    connection_->close();
    throw OutOfReach(fmt::format("GET {} was cut off: {}", target, failure.message()));
  }
  return answer;
}

}  // namespace foodorder::app
