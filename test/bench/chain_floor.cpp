// The least that an order and all its records take on a Kafka bus. A bare server answers when the record on `orders` is
// acknowledged. A bare consumer reads it and writes the five others that the program writes, with their headers and
// sizes, reads those on `audit`, and commits as often as the program does. There are no checks, no views, no events.
//   chain_floor PORT BROKERS PATTERN
// PATTERN is a file with the records of an order: [{"topic": "orders", "headers": [["ce_id", "..."]], "value": "..."}].
// The topics are those with `chain-` before their names. GET gives the number of orders, and the number of those whose
// records were all acknowledged and read.
#include "bare_consumer.hpp"
#include "bare_producer.hpp"
#include "bare_server.hpp"
#include "measure.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace foodorder;
namespace json = boost::json;

constexpr auto orders_topic = "chain-orders";
constexpr auto audit_topic = "chain-audit";
constexpr auto commit_interval = std::chrono::milliseconds(100);

/// A record of the chain, whose key is that of its order.
struct Pattern {
  std::string topic;
  Record record;
};

std::vector<Pattern> read_patterns(const char* path) {
  std::ifstream file(path);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  const auto text = [](const json::value& value) { return std::string(value.as_string()); };
  std::vector<Pattern> patterns;
  const json::value records = json::parse(content);
  for (const json::value& one : records.as_array()) {
    Pattern& pattern = patterns.emplace_back();
    pattern.topic = "chain-" + text(one.at("topic"));
    pattern.record = Record({}, text(one.at("value")));
    for (const json::value& header : one.at("headers").as_array())
      pattern.record.headers.add(text(header.at(0)), text(header.at(1)));
  }
  return patterns;
}

class Chain {
 public:
  Chain(asio::io_context& loop, const std::string& brokers, std::vector<Pattern> patterns)
      : producer_(brokers), consumer_(brokers, loop.get_executor()), commit_timer_(loop) {
    for (Pattern& pattern : patterns) {
      if (pattern.topic == audit_topic) ++audit_an_order_;
      links_.push_back(Link{producer_.topic(pattern.topic), std::move(pattern.record)});
      if (pattern.topic == orders_topic) std::swap(links_.front(), links_.back());
    }
    producer_.wake_on(loop.get_executor());
    consumer_.start(orders_topic, 3, [this](const rd_kafka_message_t& message) { derive(message); });
    consumer_.start(audit_topic, 1, [this](const rd_kafka_message_t&) { ++audit_read_; });
    while (!consumer_.ready()) loop.run_one();
    commit();
  }

  Task<> append(const std::string& id, const std::string& order) {
    Link& first = links_.front();
    first.record = Record(id, bench::created_event(order), std::move(first.record.headers));
    co_await producer_.send(first.topic, first.record);
  }

  /// Orders whose chain has ended. Exact when nothing is under way.
  [[nodiscard]] std::size_t ended() const {
    const std::size_t unfinished = producer_.in_flight();
    return std::max(audit_read_ / audit_an_order_, unfinished) - unfinished;
  }

 private:
  /// One record of each order: the first is that on `orders`.
  struct Link {
    kafka::Topic topic;
    Record record;
  };

  void derive(const rd_kafka_message_t& message) {
    for (auto link = links_.begin() + 1; link != links_.end(); ++link) {
      const std::string_view key(static_cast<const char*>(message.key), message.key_len);
      link->record = Record(key, link->record.value(), std::move(link->record.headers));
      producer_.post(link->topic, link->record);
    }
  }

  void commit() {
    consumer_.commit();
    commit_timer_.expires_after(commit_interval);
    commit_timer_.async_wait([this](boost::system::error_code) { commit(); });
  }

  bench::BareProducer producer_;
  bench::BareConsumer consumer_;
  std::vector<Link> links_;
  std::size_t audit_an_order_ = 0;
  std::size_t audit_read_ = 0;
  asio::steady_timer commit_timer_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    fmt::print(stderr, "usage: chain_floor PORT BROKERS PATTERN\n");
    return 2;
  }
  boost::asio::io_context loop(1);
  Chain chain(loop, arguments[2], read_patterns(arguments[3]));
  const auto port = static_cast<std::uint16_t>(std::atoi(arguments[1]));
  bench::run_bare_server(
      loop, port, [&](const std::string& id, const std::string& order) { return chain.append(id, order); },
      [&] { return fmt::format("{}", chain.ended()); });
}
