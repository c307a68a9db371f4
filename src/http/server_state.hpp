#pragma once

#include "base/fault_domain.hpp"
#include "foodorder/base/park.hpp"
#include "guard.hpp"
#include "http/server.hpp"
#include "response_writer.hpp"
#include "router.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstdint>
#include <limits>

namespace foodorder::http {

/// Ticks of the server's one timer: connections count their deadlines in them. A loop that was busy for long so gives
/// its clients more time, never less.
using Ticks = std::uint64_t;
inline constexpr Ticks never = std::numeric_limits<Ticks>::max();

// Bound to io_context's own executor type rather than to any_io_executor: a few per cent of a small request.
using LoopExecutor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, LoopExecutor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, LoopExecutor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;

using ConnectionHook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// A connection as the server sees it.
class Connection : public ConnectionHook {
 public:
  virtual ~Connection() = default;
  /// Closes the connection if it is idle, and its stream if it has one; a request in flight is the last.
  virtual void drain() = 0;
  /// Ends what has taken too long.
  virtual void check_deadline(Ticks now) = 0;
  virtual void close() noexcept = 0;
};

/// What a server's connections share. It lives as long as the last of them, its server included.
struct ServerState final : std::enable_shared_from_this<ServerState> {
  ServerState(LoopExecutor loop, const Clock& the_clock, ServerSpec the_spec, std::vector<Route> routes);

  /// Counts a connection, and starts looking after its deadlines.
  void add(Connection& connection);
  /// From the connection's destructor.
  void remove(bool was_refused) noexcept;
  /// Cuts off all that is left; coroutines of handlers that wait are destroyed where they wait.
  void cut_off();
  void count_response(int status) noexcept { ++stats.responses_by_class[status / 100 % 6]; }

  /// Looks at the deadlines of all connections until there are none. One timer for all: a timer for each operation
  /// would be armed and cancelled twice a request.
  void watch_deadlines();
  /// The first tick after `duration`.
  [[nodiscard]] Ticks ticks_after(Duration duration) const {
    return ticks + 2 + static_cast<Ticks>((duration - Duration(1)) / tick);
  }

  const Clock& clock;
  const ServerSpec spec;
  const LoopExecutor executor;
  Router router;
  Guard guard;
  ResponseWriter writer;
  ServerStats stats;
  const std::shared_ptr<BodyBudget> large_bodies;
  FaultDomain domain;  ///< of the connections' coroutines, so that cut_off() reaches a handler that hangs
  Acceptor acceptor;
  Timer deadline_timer;
  Timer accept_timer;  ///< the pause after a failed accept
  const Duration tick;
  Ticks ticks = 0;
  boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>> connections;
  std::size_t alive = 0;     ///< connections, refusals included
  std::size_t refusals = 0;  ///< connections over the limit that are being told so
  bool watching = false;
  bool draining = false;
  Ticks drain_deadline = never;
  Waiter<Wake> ended;  ///< serve() waits here for the last connection
};

}  // namespace foodorder::http
