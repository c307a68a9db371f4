#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/result.hpp"
#include "foodorder/base/task.hpp"
#include "foodorder/http/http.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace foodorder::http {

/// A request that this program makes.
struct ClientRequest {
  ClientRequest(Method the_method, std::string the_path) : method(the_method), path(std::move(the_path)) {}

  Method method;
  std::string path;
  std::string body;  ///< JSON; empty: none
  std::vector<std::pair<std::string, std::string>> headers;
  std::size_t answer_max_bytes = 0;  ///< of its body, where that is more than the client's own limit
};

struct ClientAnswer {
  int status = 0;
  std::string content_type;
  std::string body;
};

/// Asks one service over HTTP/1.1.
class Client {
 public:
  virtual ~Client() = default;

  /// Sends a request once, and completes with the whole answer, whatever its status: redirects are answers and are not
  /// followed. Completes by `deadline`. Errors: unavailable (surely not handled: no connection was had),
  /// outcome_unknown (it was sent, and no whole answer came in time, or one that breaks a bound or the protocol).
  virtual Task<Result<ClientAnswer>> exchange(ClientRequest request, Timestamp deadline) = 0;
};

/// Where a service listens.
struct Address {
  Address(std::string the_host, std::uint16_t the_port) : host(std::move(the_host)), port(the_port) {}

  auto operator<=>(const Address&) const = default;

  std::string host;  ///< a name, or an IP address
  std::uint16_t port;
};

struct ClientLimits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t body_bytes = 64 * 1024;
  std::size_t idle_connections = 64;  ///< that are kept
  /// A connection that was idle for longer is not used again: servers close theirs, ours after 60 s.
  Duration idle_timeout = std::chrono::seconds(30);
};

/// Keeps connections open and uses them again. One that the service has closed meanwhile is replaced within the same
/// exchange: a request whose connection ended before the first byte of an answer is sent once more, on a new one. So
/// requests must be such that doing them twice is doing them once. `next_address` is asked before each exchange, and
/// again where nobody listens: nothing if no address is known. `executor` is the io_context's own; `clock` outlives the
/// client.
std::unique_ptr<Client> make_client(Executor executor, Clock& clock,
                                    std::function<std::optional<Address>()> next_address, ClientLimits limits = {});

}  // namespace foodorder::http
