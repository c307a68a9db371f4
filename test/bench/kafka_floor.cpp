// The floor of an order on a Kafka bus: the bare server, which answers when one record is acknowledged, of the size of
// that which the program writes to `orders`.
//   kafka_floor PORT BROKERS TOPIC
#include "bare_producer.hpp"
#include "bare_server.hpp"
#include "measure.hpp"

#include <fmt/format.h>
#include <cstdlib>

namespace {

using namespace foodorder;

Task<> append(bench::BareProducer& producer, const std::string& id, const std::string& order) {
  const std::string event =
      fmt::format(R"({{"action":"created","order":{},"timestamp":"2026-02-05T13:11:17.406Z"}})", order);
  co_await producer.send(id, event);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    fmt::print(stderr, "usage: kafka_floor PORT BROKERS TOPIC\n");
    return 2;
  }
  boost::asio::io_context loop(1);
  bench::BareProducer producer(arguments[2], arguments[3], bench::OrderRecords().make().headers);
  producer.wake_on(loop.get_executor());
  const auto port = static_cast<std::uint16_t>(std::atoi(arguments[1]));
  bench::run_bare_server(loop, port,
                         [&](const std::string& id, const std::string& order) { return append(producer, id, order); });
}
