#include "bus_kafka/kafka_bus.hpp"
#include "driver.hpp"
#include "support/catch.hpp"
#include "support/kafka_operator.hpp"

#include <cstdlib>

using namespace foodorder::conformance;

namespace {

Backend kafka(std::string name, foodorder::KafkaBusOptions options) {
  Backend backend;
  backend.name = std::move(name);
  backend.make_stage = make_real_stage;
  backend.cases_at_once = 4;
  backend.make_bus = [options = std::move(options)](Stage& stage) {
    return foodorder::make_kafka_bus(stage.executor(), stage.clock(), options);
  };
  return backend;
}

}  // namespace

TEST_CASE("A mock cluster means what Kafka means", "[mock]") {
  foodorder::KafkaBusOptions options;
  options.settings = {"test.mock.num.brokers=1"};
  check_conformance(kafka("mock cluster", options));
}

TEST_CASE("A broker means what Kafka means", "[broker]") {
  const char* brokers = std::getenv("KAFKA_BROKER");
  REQUIRE(brokers != nullptr);  // script/kafka start
  foodorder::KafkaBusOptions options;
  options.brokers = brokers;
  // script/kafka lets it be one second, but on a busy machine a member may be silent for so long.
  options.session_timeout_min = std::chrono::seconds(3);
  Backend backend = kafka("broker", options);
  const std::string address = brokers;
  backend.transact = [address](const std::string& topic, Ending ending, int records) {
    foodorder::test::write_transaction(address, topic, static_cast<foodorder::test::Ending>(ending), records);
  };
  backend.delete_topic = [address](const std::string& topic) { foodorder::test::delete_topic(address, topic); };
  backend.add_partitions = [address](const std::string& topic, int partitions) {
    foodorder::test::add_partitions(address, topic, partitions);
  };
  check_conformance(std::move(backend));
}
