#include "http/client.hpp"

#include "foodorder/base/concat.hpp"
#include "host_names.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>

namespace foodorder::http {

namespace {

namespace beast = boost::beast;
using boost::system::error_code;
using LoopExecutor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, LoopExecutor>;
using Parser = beast::http::response_parser<beast::http::string_body>;

constexpr auto as_result = asio::as_tuple(asio::deferred);

struct Connection {
  explicit Connection(const LoopExecutor& loop) : socket(loop) {}

  void close() noexcept {
    error_code ignored;
    socket.close(ignored);
  }

  Socket socket;
  beast::flat_buffer buffer;
  Timestamp last_use{};
  bool timed_out = false;
};

/// Closes a connection at the deadline, which ends what waits for it.
class DeadlineWatch {
 public:
  DeadlineWatch(Clock& clock, Timestamp deadline, const std::shared_ptr<Connection>& connection) : clock_(clock) {
    timer_ = clock.call_at(deadline, [weak = std::weak_ptr(connection)] {
      const auto watched = weak.lock();
      if (!watched) return;
      watched->timed_out = true;
      watched->close();
    });
  }
  DeadlineWatch(const DeadlineWatch&) = delete;
  DeadlineWatch& operator=(const DeadlineWatch&) = delete;
  ~DeadlineWatch() { clock_.cancel(timer_); }

 private:
  Clock& clock_;
  Clock::TimerId timer_;
};

std::string to_string(const Address& address) {
  return address.host.find(':') == std::string::npos ? fmt::format("{}:{}", address.host, address.port)
                                                     : fmt::format("[{}]:{}", address.host, address.port);
}

std::string wire_of(const ClientRequest& request, const Address& address) {
  std::string wire = concat(to_string(request.method), " ", request.path, " HTTP/1.1\r\nHost: ", to_string(address));
  for (const auto& [name, value] : request.headers) wire += concat("\r\n", name, ": ", value);
  if (!request.body.empty()) wire += "\r\nContent-Type: application/json";
  if (!request.body.empty() || request.method != Method::get)
    wire += concat("\r\nContent-Length: ", std::to_string(request.body.size()));
  return concat(wire, "\r\n\r\n", request.body);
}

std::string reason_of(const error_code& error, const ClientLimits& limits) {
  namespace beast_http = beast::http;
  if (error == beast_http::error::body_limit) return fmt::format("an answer of more than {} bytes", limits.body_bytes);
  if (error == beast_http::error::header_limit)
    return fmt::format("an answer with headers of more than {} bytes", limits.header_bytes);
  if (error == beast_http::error::end_of_stream || error == asio::error::eof) return "the connection was closed";
  if (error == beast_http::error::partial_message) return "the answer was cut off";
  if (error.category() == make_error_code(beast_http::error::bad_version).category())
    return fmt::format("no HTTP answer: {}", error.message());
  return error.message();
}

/// Shared with the exchanges under way.
struct Pool {
  Pool(const LoopExecutor& on, Clock& the_clock, std::function<std::optional<Address>()> where, ClientLimits bounds)
      : loop(on), clock(the_clock), next_address(std::move(where)), limits(bounds), names(on, the_clock) {}

  /// An idle connection; null if there is none.
  std::shared_ptr<Connection> take(const Address& address);
  void keep(const Address& address, std::shared_ptr<Connection> connection);
  static Task<Result<ClientAnswer>> exchange(std::shared_ptr<Pool> pool, ClientRequest request, Timestamp deadline);
  Task<error_code> connect(Connection& connection, const Address& address, Timestamp deadline);
  /// Gives the error of the connection; nothing of the answer was seen where `parser` has not got a byte.
  static Task<error_code> ask(Connection& connection, const std::string& wire, Parser& parser, bool& any_byte);
  Result<ClientAnswer> answer_of(const Address& address, std::shared_ptr<Connection> connection, Parser& parser);

  const LoopExecutor loop;
  Clock& clock;
  const std::function<std::optional<Address>()> next_address;
  const ClientLimits limits;
  HostNames names;
  std::map<Address, std::deque<std::shared_ptr<Connection>>> idle;
};

std::shared_ptr<Connection> Pool::take(const Address& address) {
  std::deque<std::shared_ptr<Connection>>& kept = idle[address];
  while (!kept.empty() && clock.now() - kept.front()->last_use > limits.idle_timeout) kept.pop_front();
  if (kept.empty()) return nullptr;
  std::shared_ptr<Connection> newest = std::move(kept.back());
  kept.pop_back();
  return newest;
}

void Pool::keep(const Address& address, std::shared_ptr<Connection> connection) {
  connection->last_use = clock.now();
  std::deque<std::shared_ptr<Connection>>& kept = idle[address];
  kept.push_back(std::move(connection));
  if (kept.size() > limits.idle_connections) kept.pop_front();
}

/// To the first of its addresses where somebody listens: a name may have one of each family.
Task<error_code> Pool::connect(Connection& connection, const Address& address, Timestamp deadline) {
  const HostNames::Addresses hosts = co_await names.find(address.host, deadline);
  error_code failed = asio::error::host_not_found;
  for (const asio::ip::address& host : hosts) {
    if (connection.timed_out) break;
    connection.close();
    const asio::ip::tcp::endpoint endpoint(host, address.port);
    std::tie(failed) = co_await connection.socket.async_connect(endpoint, as_result);
    if (failed) continue;
    connection.socket.set_option(asio::ip::tcp::no_delay(true), failed);
    co_return failed;
  }
  co_return failed;
}

Task<error_code> Pool::ask(Connection& connection, const std::string& wire, Parser& parser, bool& any_byte) {
  const auto [unsent, written] = co_await asio::async_write(connection.socket, asio::buffer(wire), as_result);
  if (unsent) co_return unsent;
  const auto [unread, size] = co_await beast::http::async_read(connection.socket, connection.buffer, parser, as_result);
  any_byte = size > 0 || connection.buffer.size() > 0;
  co_return unread;
}

Result<ClientAnswer> Pool::answer_of(const Address& address, std::shared_ptr<Connection> connection, Parser& parser) {
  auto& message = parser.get();
  ClientAnswer answer;
  answer.status = static_cast<int>(message.result_int());
  if (answer.status < 200)
    return Error(Errc::outcome_unknown, fmt::format("{}: an interim answer, {}", to_string(address), answer.status));
  const auto type = message[beast::http::field::content_type];
  answer.content_type.assign(type.data(), type.size());
  answer.body = std::move(message.body());
  // Bytes behind the answer belong to nothing that was asked.
  if (parser.keep_alive() && connection->buffer.size() == 0) keep(address, std::move(connection));
  return answer;
}

Task<Result<ClientAnswer>> Pool::exchange(std::shared_ptr<Pool> pool, ClientRequest request, Timestamp deadline) {
  std::optional<Address> address = pool->next_address();
  if (!address) co_return Error(Errc::unavailable, "no address of it is known");
  std::set<Address> refused;
  for (;;) {
    std::shared_ptr<Connection> connection = pool->take(*address);
    const bool is_old = connection != nullptr;
    if (!is_old) connection = std::make_shared<Connection>(pool->loop);
    const DeadlineWatch watch(pool->clock, deadline, connection);
    error_code unconnected;
    if (!is_old) unconnected = co_await pool->connect(*connection, *address, deadline);
    if (unconnected) {
      const Error failed(Errc::unavailable,
                         fmt::format("{}: {}", to_string(*address),
                                     connection->timed_out ? "no connection in time" : unconnected.message()));
      refused.insert(*address);
      if (!connection->timed_out) address = pool->next_address();
      if (!address || refused.contains(*address)) co_return failed;
      continue;  // another instance may be there
    }
    Parser parser;
    ClientLimits limits = pool->limits;
    limits.body_bytes = std::max(limits.body_bytes, request.answer_max_bytes);
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser.body_limit(limits.body_bytes);
    bool any_byte = false;
    const std::string wire = wire_of(request, *address);
    const error_code failed = co_await ask(*connection, wire, parser, any_byte);
    if (!failed) co_return pool->answer_of(*address, std::move(connection), parser);
    const bool timed_out = connection->timed_out;
    connection->close();
    if (is_old && !any_byte && !timed_out) continue;  // it was closed while it was idle
    co_return Error(
        Errc::outcome_unknown,
        fmt::format("{}: {}", to_string(*address), timed_out ? "no whole answer in time" : reason_of(failed, limits)));
  }
}

class PooledClient final : public Client {
 public:
  explicit PooledClient(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {}

  Task<Result<ClientAnswer>> exchange(ClientRequest request, Timestamp deadline) override {
    return Pool::exchange(pool_, std::move(request), deadline);
  }

 private:
  std::shared_ptr<Pool> pool_;
};

}  // namespace

std::unique_ptr<Client> make_client(Executor executor, Clock& clock,
                                    std::function<std::optional<Address>()> next_address, ClientLimits limits) {
  const auto* const loop = executor.target<LoopExecutor>();
  if (!loop) throw std::invalid_argument("the HTTP client needs an io_context's own executor");
  return std::make_unique<PooledClient>(std::make_shared<Pool>(*loop, clock, std::move(next_address), limits));
}

}  // namespace foodorder::http
