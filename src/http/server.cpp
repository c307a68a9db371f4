#include "http/server.hpp"

#include "foodorder/base/log.hpp"
#include "session.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <stdexcept>

namespace foodorder::http {

namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::deferred);
constexpr std::size_t refusals_max = 64;  // more than these at once are closed without an answer
constexpr Duration accept_pause = std::chrono::milliseconds(100);

/// How often deadlines are looked at: they are kept to within this.
Duration tick_of(const ServerLimits& limits) {
  const Duration shortest = std::min({limits.request_timeout, limits.idle_timeout, limits.write_timeout});
  return std::clamp<Duration>(shortest / 8, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

LoopExecutor loop_of(const Executor& executor) {
  const auto* const loop = executor.target<LoopExecutor>();
  if (!loop) throw std::invalid_argument("the HTTP server needs an io_context's own executor");
  return *loop;
}

tcp::endpoint resolve(LoopExecutor executor, const std::string& host, std::uint16_t port) {
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (!error) return tcp::endpoint(address, port);
  asio::ip::basic_resolver<tcp, LoopExecutor> resolver(executor);
  const auto found = resolver.resolve(host, "", error);
  if (error || found.empty()) throw std::runtime_error(fmt::format("cannot listen on '{}': {}", host, error.message()));
  for (const auto& entry : found)
    if (entry.endpoint().address().is_v4()) return tcp::endpoint(entry.endpoint().address(), port);
  return tcp::endpoint(found.begin()->endpoint().address(), port);
}

void listen(Acceptor& acceptor, const ServerSpec& spec) {
  const tcp::endpoint endpoint = resolve(acceptor.get_executor(), spec.host, spec.port);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(Acceptor::max_listen_connections, error);
  if (!error) return;
  const char* const what = error == asio::error::address_in_use ? "is in use" : "cannot be listened on";
  throw std::runtime_error(fmt::format("port {} of {} {}: {}", spec.port, spec.host, what, error.message()));
}

class TcpServer final : public Server {
 public:
  explicit TcpServer(std::shared_ptr<ServerState> state) : state_(std::move(state)) {
    listen(state_->acceptor, state_->spec);
    const tcp::endpoint endpoint = state_->acceptor.local_endpoint();
    port_ = endpoint.port();
    state_->guard.bound(endpoint.address().is_loopback());
  }

  // A crash: what is left is dropped, nothing is answered.
  ~TcpServer() override {
    stop_accepting();
    state_->cut_off();
  }

  std::uint16_t port() const override { return port_; }
  const ServerStats& stats() const override { return state_->stats; }
  Task<> serve() override { return serve_all(state_); }

  void drain(Duration limit) override {
    ServerState& state = *state_;
    state.drain_deadline = std::min(state.drain_deadline, state.ticks_after(limit));
    if (state.draining) return;
    stop_accepting();
    for (Connection& connection : state.connections) connection.drain();
  }

 private:
  static Task<> serve_all(std::shared_ptr<ServerState> state);

  void stop_accepting() {
    state_->draining = true;
    error_code ignored;
    state_->acceptor.close(ignored);
    state_->accept_timer.cancel();
  }

  const std::shared_ptr<ServerState> state_;
  std::uint16_t port_ = 0;
};

void start_session(const std::shared_ptr<ServerState>& state, Socket socket) {
  const bool full = state->stats.connections_open >= state->spec.limits.connections;
  if (full && state->refusals >= refusals_max) {
    ++state->stats.connections_refused;
    return;  // closes it
  }
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
  const auto purpose = full ? Session::Purpose::refuse : Session::Purpose::serve;
  std::make_shared<Session>(std::move(socket), state, purpose)->start();
}

Task<> TcpServer::serve_all(std::shared_ptr<ServerState> state) {
  bool failing = false;
  while (!state->draining) {
    Socket socket(state->executor);
    const auto [error] = co_await state->acceptor.async_accept(socket, as_result);
    if (state->draining) break;
    if (!error) {
      failing = false;
      start_session(state, std::move(socket));
    } else if (error != asio::error::connection_aborted) {
      // Out of descriptors, most likely: the connection waits in the backlog until one is free.
      if (!failing) log::error("http: cannot accept connections: {}", error.message());
      failing = true;
      state->accept_timer.expires_after(accept_pause);
      const auto [cancelled] = co_await state->accept_timer.async_wait(as_result);
      if (cancelled) break;
    }
  }
  if (state->alive > 0) co_await park<Wake>([&](Waiter<Wake> waiter) { state->ended = waiter; });
}

}  // namespace

ServerState::ServerState(LoopExecutor loop, const Clock& the_clock, ServerSpec the_spec, std::vector<Route> routes)
    : clock(the_clock),
      spec(std::move(the_spec)),
      executor(loop),
      router(std::move(routes)),
      guard(spec),
      large_bodies(std::make_shared<BodyBudget>(spec.limits.large_bodies_bytes)),
      domain(loop, "http"),
      acceptor(loop),
      deadline_timer(loop),
      accept_timer(loop),
      tick(tick_of(spec.limits)) {}

void ServerState::add(Connection& connection) {
  connections.push_back(connection);
  ++alive;
  if (!watching) watch_deadlines();
}

void ServerState::remove(bool was_refused) noexcept {
  was_refused ? --refusals : --stats.connections_open;
  if (--alive > 0) return;
  deadline_timer.cancel();
  ended.complete(Wake());
}

void ServerState::cut_off() {
  for (Connection& connection : connections) connection.close();
  domain.crash();
}

void ServerState::watch_deadlines() {
  watching = true;
  writer.set_time(clock.now());
  deadline_timer.expires_after(tick);
  deadline_timer.async_wait([weak = weak_from_this()](error_code) {
    const auto self = weak.lock();
    if (!self) return;
    self->watching = false;
    ++self->ticks;
    if (self->ticks >= self->drain_deadline) return self->cut_off();
    for (Connection& connection : self->connections) connection.check_deadline(self->ticks);
    if (self->alive > 0) self->watch_deadlines();
  });
}

std::unique_ptr<Server> make_server(Executor executor, const Clock& clock, ServerSpec spec, std::vector<Route> routes) {
  auto state = std::make_shared<ServerState>(loop_of(executor), clock, std::move(spec), std::move(routes));
  return std::make_unique<TcpServer>(std::move(state));
}

}  // namespace foodorder::http
