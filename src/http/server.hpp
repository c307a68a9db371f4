#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/http/http.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace foodorder::http {

struct ServerLimits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t body_bytes = 64 * 1024;         ///< of a route that does not say otherwise (Route::body_max_bytes)
  std::size_t large_bodies_bytes = 32 << 20;  ///< all bodies over that together; more are a 503
  std::size_t connections = 4096;
  /// Streams stay open for as long as their clients like: a quarter of the connections is kept for short requests.
  [[nodiscard]] std::size_t streams() const noexcept { return connections - connections / 4; }
  Duration request_timeout = std::chrono::seconds(15);  ///< from the first byte of a request to its last
  Duration idle_timeout = std::chrono::seconds(60);     ///< between requests of a connection
  Duration write_timeout = std::chrono::seconds(15);    ///< of one write; a client that reads slower is cut off
};

struct ServerSpec {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  std::vector<std::string> allow_hosts;
  std::string token;  ///< for Access::control when not on loopback; empty: none is asked for
  ServerLimits limits;
};

/// Counts that /metrics shows.
struct ServerStats {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_total = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t streams_open = 0;
  std::uint64_t requests_total = 0;
  std::uint64_t responses_by_class[6] = {};  ///< index 2 for 2xx and so on
};

/// An HTTP/1.1 server. Answers by itself what no handler should see: a bad Host or Origin (403; 400 without Host), a
/// missing token (401), no such path (404), another method (405 with Allow), OPTIONS (204 with Allow, and CORS fields
/// for a page of an allowed origin), HEAD (as GET without the body), a body too large (413) or with a Content-Encoding
/// (415), a header too large (431), malformed (400), too many connections or streams (503 with Retry-After). A handler
/// that throws is a 500 and a log line.
class Server {
 public:
  virtual ~Server() = default;

  /// The port that it listens on.
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  [[nodiscard]] virtual const ServerStats& stats() const = 0;

  /// Accepts and serves until drain(); completes when the last connection has ended.
  virtual Task<> serve() = 0;

  /// Stops accepting, closes idle connections and streams, lets requests in flight finish with
  /// `Connection: close`; what has not ended after `limit` is cut off. Idempotent.
  virtual void drain(Duration limit) = 0;
};

/// Binds at once. Throws std::runtime_error with one clear line if it cannot ("port 3001 is in use ...").
/// `executor` is the io_context's own. `clock` tells the time of the Date field; it outlives the server.
std::unique_ptr<Server> make_server(Executor executor, const Clock& clock, ServerSpec spec, std::vector<Route> routes);

}  // namespace foodorder::http
