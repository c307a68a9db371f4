#include "kafka_operator.hpp"

#include <librdkafka/rdkafka.h>
#include <array>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

namespace foodorder::test {

namespace {

constexpr int timeout_ms = 30'000;

using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;
using Settings = std::vector<std::pair<const char*, std::string>>;

void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* failure) {
  if (failure && message->err != RD_KAFKA_RESP_ERR_NO_ERROR) *static_cast<rd_kafka_resp_err_t*>(failure) = message->err;
}

/// `failure` is what a record was not delivered by.
Client producer(const Settings& settings, rd_kafka_resp_err_t* failure = nullptr) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_opaque(conf, failure);
  rd_kafka_conf_set_dr_msg_cb(conf, on_report);
  std::array<char, 512> why{};
  for (const auto& [name, value] : settings)
    if (rd_kafka_conf_set(conf, name, value.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK)
      throw std::runtime_error(why.data());
  rd_kafka_t* made = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size());
  if (!made) throw std::runtime_error(why.data());
  return {made, rd_kafka_destroy};
}

void check(rd_kafka_resp_err_t error) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
}

void check(rd_kafka_error_t* error) {
  if (!error) return;
  const std::string text = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  throw std::runtime_error(text);
}

/// Asks, and throws what the broker says of the one topic.
void ask(rd_kafka_t* rk, const std::function<void(rd_kafka_queue_t*)>& request) {
  const std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)> queue(rd_kafka_queue_new(rk),
                                                                                   rd_kafka_queue_destroy);
  request(queue.get());
  const std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)> event(
      rd_kafka_queue_poll(queue.get(), timeout_ms), rd_kafka_event_destroy);
  if (!event) throw std::runtime_error("the broker does not answer");
  check(rd_kafka_event_error(event.get()));
  std::size_t count = 0;
  const rd_kafka_topic_result_t** topics = nullptr;
  if (const auto* deleted = rd_kafka_event_DeleteTopics_result(event.get()))
    topics = rd_kafka_DeleteTopics_result_topics(deleted, &count);
  else if (const auto* grown = rd_kafka_event_CreatePartitions_result(event.get()))
    topics = rd_kafka_CreatePartitions_result_topics(grown, &count);
  for (std::size_t i = 0; i < count; ++i) check(rd_kafka_topic_result_error(topics[i]));
}

}  // namespace

void write_transaction(const std::string& brokers, const std::string& topic, Ending ending, int records) {
  const std::string limit_ms = ending == Ending::timed_out ? "5000" : "60000";
  rd_kafka_resp_err_t failure = RD_KAFKA_RESP_ERR_NO_ERROR;
  const Client client = producer({{"bootstrap.servers", brokers},
                                  {"transactional.id", "stranger-" + topic},
                                  {"transaction.timeout.ms", limit_ms},
                                  {"message.timeout.ms", limit_ms}},
                                 &failure);
  rd_kafka_t* rk = client.get();
  check(rd_kafka_init_transactions(rk, timeout_ms));
  check(rd_kafka_begin_transaction(rk));
  for (int i = 0; i < records; ++i) {
    const std::string value = "transaction " + std::to_string(i);
    check(rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY("stranger", 8),
                            RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END));
  }
  check(rd_kafka_flush(rk, timeout_ms));
  check(failure);
  if (ending == Ending::committed) check(rd_kafka_commit_transaction(rk, timeout_ms));
  if (ending == Ending::aborted) check(rd_kafka_abort_transaction(rk, timeout_ms));
}

void delete_topic(const std::string& brokers, const std::string& topic) {
  const Client client = producer({{"bootstrap.servers", brokers}});
  rd_kafka_DeleteTopic_t* asked = rd_kafka_DeleteTopic_new(topic.c_str());
  ask(client.get(), [&](rd_kafka_queue_t* queue) { rd_kafka_DeleteTopics(client.get(), &asked, 1, nullptr, queue); });
  rd_kafka_DeleteTopic_destroy(asked);
}

void add_partitions(const std::string& brokers, const std::string& topic, int partitions) {
  const Client client = producer({{"bootstrap.servers", brokers}});
  std::array<char, 256> why{};
  rd_kafka_NewPartitions_t* asked =
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(partitions), why.data(), why.size());
  if (!asked) throw std::runtime_error(why.data());
  ask(client.get(),
      [&](rd_kafka_queue_t* queue) { rd_kafka_CreatePartitions(client.get(), &asked, 1, nullptr, queue); });
  rd_kafka_NewPartitions_destroy(asked);
}

}  // namespace foodorder::test
