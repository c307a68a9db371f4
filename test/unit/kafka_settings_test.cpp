// The settings that the Kafka bus gives to librdkafka.
#include "bus_kafka/settings.hpp"
#include "support/catch.hpp"

#include <array>
#include <stdexcept>

using namespace foodorder;
using namespace foodorder::kafka;

namespace {

int number_of(const Conf& conf, const char* name) {
  std::array<char, 32> value{};
  std::size_t size = value.size();
  REQUIRE(rd_kafka_conf_get(conf.get(), name, value.data(), &size) == RD_KAFKA_CONF_OK);
  return std::stoi(value.data());
}

}  // namespace

TEST_CASE("A backlog soon reads on after its queue was full, by the setting that this librdkafka has") {
  const bool has_its_own = rd_kafka_version() >= 0x02020000;
  const char* name = has_its_own ? "fetch.queue.backoff.ms" : "topic.metadata.refresh.interval.ms";
  const ClientSettings book((KafkaBusOptions()));
  CHECK(number_of(book.backlog("reader"), name) == 20);
  CHECK(number_of(book.tail("reader"), name) >= 1000);
}

TEST_CASE("Where librdkafka cannot bear that a topic gets another id, it forgets the topic before it asks again") {
  const auto longest_ms = [](const Conf& conf) { return number_of(conf, "metadata.max.age.ms"); };
  ConsumerSpec member("fraud-1", {"orders"});
  member.group = "fraud-group";
  for (const int affected : {0x020400ff, 0x020800ff, 0x020900ff}) {
    const ClientSettings book(KafkaBusOptions(), affected);
    CHECK(longest_ms(book.producer()) == 200);
    CHECK(longest_ms(book.tail("reader")) == 200);
    CHECK(longest_ms(book.admin_consumer()) == 200);
    CHECK(longest_ms(book.member(member)) == 200);
  }
  for (const int sound : {0x020002ff, 0x020300ff, 0x020a00ff}) {
    const ClientSettings book(KafkaBusOptions(), sound);
    CHECK(longest_ms(book.producer()) == 900'000);
    CHECK(longest_ms(book.member(member)) == 900'000);
  }
}

TEST_CASE("The strategies of a group are range, roundrobin or both; others are refused") {
  const auto book = [](const std::string& value) {
    KafkaBusOptions options;
    options.settings = {"partition.assignment.strategy=" + value};
    return ClientSettings(options);
  };
  for (const char* good : {"range", "roundrobin", "range,roundrobin", "roundrobin,range"}) CHECK_NOTHROW(book(good));
  for (const char* bad : {"", "cooperative-sticky", "range,cooperative-sticky", "sticky"})
    CHECK_THROWS_AS(book(bad), std::runtime_error);
}
