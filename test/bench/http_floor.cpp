// The HTTP floor alone, to be measured with a load generator: GET /livez, and POST /echo that gives the body back.
//   http_floor [port]     then     wrk -t1 -c64 -d5s http://127.0.0.1:8099/livez
#include "foodorder/http/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdlib>

using namespace foodorder;

namespace {

Task<http::Response> livez(http::Request&) { co_return http::json_response("{\"status\":\"ok\"}"); }
Task<http::Response> echo(http::Request& request) { co_return http::json_response(std::string(request.body), 201); }

}  // namespace

int main(int count, char** arguments) {
  asio::io_context loop(1);
  http::ServerSpec spec;
  spec.port = static_cast<std::uint16_t>(count > 1 ? std::atoi(arguments[1]) : 8099);
  std::vector<http::Route> routes;
  routes.emplace_back(http::Method::get, "/livez", livez);
  routes.emplace_back(http::Method::post, "/echo", echo);
  const auto server = http::make_server(loop.get_executor(), spec, std::move(routes));
  asio::co_spawn(loop, server->serve(), asio::detached);
  asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { server->drain(std::chrono::seconds(1)); });
  loop.run();
}
