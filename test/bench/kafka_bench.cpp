// The Kafka bus: records sent in batches and acknowledged, a second. Floor: librdkafka's producer by the same settings
// with as many records in flight. It makes the topics that it writes to. `--write N` only writes N orders to `orders`,
// for others to read.
//   kafka_bench BROKERS [--rounds N] [--records N] | --write N        row: kafka.send
#include "bare_producer.hpp"
#include "bus_kafka/kafka_bus.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/runtime/topics.hpp"
#include "measure.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace foodorder;

constexpr std::size_t batch_records = 256;
constexpr std::size_t senders = 16;
constexpr auto scratch_topic = "bare-orders";

using Batch = std::vector<ProducerRecord>;

Batch make_batch(const std::string& topic) {
  bench::OrderRecords orders;
  Batch batch;
  for (std::size_t i = 0; i < batch_records; ++i) batch.emplace_back(topic, orders.make());
  return batch;
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The program's bus on a loop of its own.
class OurBus {
 public:
  explicit OurBus(const std::string& brokers) {
    KafkaBusOptions options;
    options.brokers = brokers;
    bus_ = make_kafka_bus(loop_.get_executor(), *clock_, options);
  }

  void make_topics() {
    spawn(ensure_topics());
    run();
  }

  /// Sends so many records, by senders that each wait for their batch; gives records a second.
  double send(const Batch& batch, std::size_t records) {
    const auto producer = bus_->producer(ProducerSpec("bench"));
    std::size_t left = records;
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < senders; ++i) spawn(send_batches(*producer, batch, left));
    run();
    return static_cast<double>(records) / seconds_since(begin);
  }

 private:
  void spawn(Task<> task) {
    ++running_;
    asio::co_spawn(loop_, std::move(task), [this](const std::exception_ptr& failure) {
      if (failure) failure_ = failure;
      if (--running_ == 0) loop_.stop();
    });
  }

  void run() {
    loop_.restart();
    loop_.run();
    if (failure_) std::rethrow_exception(failure_);
  }

  /// The program's, one to write to, and those of the bare chain, which are as the program's.
  static std::vector<TopicSpec> specs() {
    std::vector<TopicSpec> specs = topics::catalogue();
    for (std::size_t i = 0, own = specs.size(); i < own; ++i) {
      TopicSpec& spec = specs.emplace_back(specs[i]);
      spec.name = "chain-" + spec.name;
    }
    specs.emplace_back(scratch_topic, 3);
    return specs;
  }

  Task<> ensure_topics() {
    for (int tries_left = 50;; --tries_left) {
      std::vector<TopicSpec> topics = specs();
      const Result<void> made = co_await bus_->admin().ensure_topics(std::move(topics));
      if (made) co_return;
      if (tries_left == 0) throw std::runtime_error(made.error().message);
      co_await sleep_for(*clock_, std::chrono::milliseconds(100));
    }
  }

  static Task<> send_batches(Producer& producer, const Batch& batch, std::size_t& left) {
    while (left > 0) {
      const std::size_t count = std::min(left, batch.size());
      left -= count;
      Batch sending(batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(count));
      const auto results = co_await producer.send_all(std::move(sending));
      for (const auto& result : results)
        if (!result) throw std::runtime_error(result.error().message);
    }
  }

  boost::asio::io_context loop_{1};
  std::unique_ptr<Clock> clock_ = make_system_clock(loop_.get_executor());
  std::unique_ptr<EventBus> bus_;
  std::size_t running_ = 0;
  std::exception_ptr failure_;
};

double send_bare(bench::BareProducer& producer, const kafka::Topic& topic, const Batch& batch, std::size_t records) {
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < records; ++i) {
    producer.post(topic, *batch[i % batch.size()].record);
    producer.wait_until_at_most(batch_records * senders - 1);
  }
  producer.wait_until_at_most(0);
  return static_cast<double>(records) / seconds_since(begin);
}

void compare(const std::string& brokers, OurBus& bus, std::size_t rounds, std::size_t records) {
  const Batch batch = make_batch(scratch_topic);
  bench::BareProducer bare(brokers);
  const kafka::Topic topic = bare.topic(scratch_topic);
  // The first record to a topic waits for what is known of it.
  send_bare(bare, topic, batch, batch_records);
  bus.send(batch, batch_records);
  for (std::size_t round = 0; round < rounds; ++round) {
    const double floor = send_bare(bare, topic, batch, records);
    bench::print_round("kafka.send", bus.send(batch, records), floor);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    fmt::print(stderr, "usage: kafka_bench BROKERS [--rounds N] [--records N] | --write N\n");
    return 2;
  }
  const std::string brokers = arguments[1];
  OurBus bus(brokers);
  bus.make_topics();
  const std::size_t write = bench::argument(count, arguments, "--write", 0);
  if (write > 0) {
    bus.send(make_batch(std::string(topics::orders)), write);
    return 0;
  }
  compare(brokers, bus, bench::argument(count, arguments, "--rounds", 5),
          bench::argument(count, arguments, "--records", 200'000));
}
