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

class Floor {
 public:
  Floor(const std::string& brokers, const std::string& topic, const Executor& loop)
      : producer_(brokers), topic_(producer_.topic(topic)) {
    producer_.wake_on(loop);
  }

  Task<> append(const std::string& id, const std::string& order) {
    record_ = Record(id, bench::created_event(order), std::move(record_.headers));
    co_await producer_.send(topic_, record_);
  }

 private:
  bench::BareProducer producer_;
  const kafka::Topic topic_;
  Record record_ = bench::OrderRecords().make();  ///< for its headers
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    fmt::print(stderr, "usage: kafka_floor PORT BROKERS TOPIC\n");
    return 2;
  }
  boost::asio::io_context loop(1);
  Floor floor(arguments[2], arguments[3], loop.get_executor());
  const auto port = static_cast<std::uint16_t>(std::atoi(arguments[1]));
  bench::run_bare_server(loop, port,
                         [&](const std::string& id, const std::string& order) { return floor.append(id, order); });
}
