#include "status_command.hpp"

#include "bus_kafka/kafka_bus.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/runtime/topics.hpp"
#include "order_statuses.hpp"
#include "rest_log.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <stdexcept>

namespace foodorder {

namespace {

constexpr Duration broker_max = std::chrono::seconds(5);
constexpr Duration retry_delay = std::chrono::milliseconds(100);

/// Reads the topic page by page, without a group.
class KafkaReading {
 public:
  KafkaReading(EventBus& bus, Clock& clock, app::OrderStatuses& statuses)
      : bus_(bus), clock_(clock), statuses_(statuses) {}

  Task<Result<void>> run() {
    const auto topics = co_await find_topics();
    if (!topics) co_return topics.error();
    std::int64_t written = 0;
    bool found = false;
    for (const TopicDescription& topic : *topics) {
      if (topic.name != topics::order_status) continue;
      found = true;
      for (const PartitionDescription& partition : topic.partitions) {
        written += partition.end_offset;
        TopicPartition tp(topic.name, partition.partition);
        const auto read = co_await read_partition(std::move(tp), partition);
        if (!read) co_return read.error();
      }
    }
    statuses_.set_written(written);
    if (found) co_return Result<void>();
    co_return Error(Errc::not_found, fmt::format("there is no topic {}: no order service has run on this broker yet",
                                                 topics::order_status));
  }

 private:
  /// A client asks for the way to its broker when it is made; this waits for the answer.
  Task<Result<std::vector<TopicDescription>>> find_topics() {
    const Timestamp give_up = clock_.now() + broker_max;
    for (;;) {
      auto topics = co_await bus_.admin().topics();
      if (topics) co_return topics;
      if (clock_.now() >= give_up) co_return Error(Errc::unavailable, bus_.trouble().value_or(topics.error().message));
      co_await sleep_for(clock_, retry_delay);
    }
  }

  Task<Result<void>> read_partition(TopicPartition tp, const PartitionDescription& described) {
    for (std::int64_t next = described.start_offset; next < described.end_offset;) {
      const auto page = co_await bus_.admin().read(tp, next, ReadLimits());
      if (!page) co_return page.error();
      for (const ConsumerRecord& record : page->records)
        if (record.position.offset < described.end_offset) statuses_.take(record);
      // Where compaction has left nothing up to the end, a page does not move on.
      next = page->records.empty() ? described.end_offset : page->next_offset;
    }
    co_return Result<void>();
  }

  EventBus& bus_;
  Clock& clock_;
  app::OrderStatuses& statuses_;
};

void read_from_kafka(const Config& config, app::OrderStatuses& statuses) {
  log::set_level(log::level_from("error"));  // a broker that is away is told by the one line at the end
  asio::io_context loop(1);
  const auto clock = make_system_clock(loop.get_executor());
  KafkaBusOptions options;
  options.brokers = config.brokers;
  options.settings = config.librdkafka;
  const auto bus = make_kafka_bus(loop.get_executor(), *clock, std::move(options));
  KafkaReading reading(*bus, *clock, statuses);
  std::exception_ptr failure;
  Result<void> result;
  asio::co_spawn(loop, reading.run(), [&](std::exception_ptr thrown, Result<void> ended) {
    failure = thrown;
    result = std::move(ended);
    loop.stop();
  });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  if (!result && result.error().code == Errc::unavailable) throw app::OutOfReach(result.error().message);
  if (!result) throw std::runtime_error(result.error().message);
}

void read_over_rest(const std::string& url, app::OrderStatuses& statuses) {
  app::RestClient client(url);
  const auto log = app::read_log_over_rest(
      client, std::string(topics::order_status), [&](const ConsumerRecord& record) { statuses.take(record); },
      [](const app::RestLog&) {});
  statuses.set_written(log.end_offset);
}

}  // namespace

int show_statuses(const StatusRequest& request) {
  app::OrderStatuses statuses;
  if (!request.url.empty())
    read_over_rest(request.url, statuses);
  else if (request.config.bus == "kafka")
    read_from_kafka(request.config, statuses);
  else
    throw std::runtime_error(
        "the memory bus keeps nothing outside of its process: ask a running program with "
        "status --url=http://127.0.0.1:3001, or read a broker's log with status --bus=kafka");
  fmt::print("{}", request.json ? statuses.as_json() : statuses.as_text());
  return EXIT_SUCCESS;
}

}  // namespace foodorder
