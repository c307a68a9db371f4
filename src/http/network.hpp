#pragma once

#include "client.hpp"
#include "server.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace foodorder::http {

/// What HTTP between services runs over: sockets, or what a simulator has in their place.
class Network {
 public:
  virtual ~Network() = default;

  /// As make_client() has it.
  virtual std::unique_ptr<Client> client(Clock& clock, std::function<std::optional<Address>()> next_address) = 0;
  /// As make_server() has it.
  virtual std::unique_ptr<Server> server(const Clock& clock, ServerSpec spec, std::vector<Route> routes) = 0;
};

/// Sockets. `executor` is the io_context's own.
std::unique_ptr<Network> make_network(Executor executor);

}  // namespace foodorder::http
