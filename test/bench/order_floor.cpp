// The floor of an order: the bare server, which writes it nowhere.
//   order_floor PORT
#include "bare_server.hpp"

#include <fmt/format.h>
#include <cstdlib>

int main(int count, char** arguments) {
  if (count != 2) {
    fmt::print(stderr, "usage: order_floor PORT\n");
    return 2;
  }
  boost::asio::io_context loop(1);
  foodorder::bench::run_bare_server(loop, static_cast<std::uint16_t>(std::atoi(arguments[1])), {});
}
