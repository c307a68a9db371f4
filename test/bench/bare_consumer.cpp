#include "bare_consumer.hpp"

#include "bus_kafka/settings.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace foodorder::bench {

namespace {

kafka::Conf settings(const std::string& brokers) {
  KafkaBusOptions options;
  options.brokers = brokers;
  kafka::Conf conf = kafka::ClientSettings(options).tail("bare");
  rd_kafka_conf_set(conf.get(), "group.id", "bare", nullptr, 0);
  return conf;
}

}  // namespace

BareConsumer::BareConsumer(const std::string& brokers, const Executor& loop)
    : instance_(kafka::make_reader_handle(settings(brokers))),
      events_(rd_kafka_queue_get_main(instance_.get())),
      records_(rd_kafka_queue_new(instance_.get())),
      watch_(std::make_unique<kafka::QueueWatch>(loop, [this] { take_all(); })) {
  watch_->watch(events_.get());
  watch_->watch(records_.get());
}

BareConsumer::~BareConsumer() = default;

void BareConsumer::start(const std::string& topic, std::int32_t partitions, OnRecord on_record) {
  Source& source = sources_.emplace_back();
  source.name = topic;
  source.topic.reset(rd_kafka_topic_new(instance_.get(), topic.c_str(), nullptr));
  source.read_to.assign(static_cast<std::size_t>(partitions), -1);
  source.on_record = std::move(on_record);
  for (std::int32_t i = 0; i < partitions; ++i) {
    if (rd_kafka_consume_start_queue(source.topic.get(), i, RD_KAFKA_OFFSET_END, records_.get()) != 0)
      throw std::runtime_error(rd_kafka_err2str(rd_kafka_last_error()));
    ++ends_missing_;
  }
}

void BareConsumer::commit() {
  std::vector<Position> read;
  for (Source& source : sources_)
    for (std::size_t i = 0; i < source.read_to.size(); ++i)
      if (const auto to = std::exchange(source.read_to[i], -1); to >= 0)
        read.emplace_back(TopicPartition(source.name, static_cast<std::int32_t>(i)), to);
  if (read.empty()) return;
  constexpr int without_waiting = 1;
  rd_kafka_commit(instance_.get(), kafka::to_list(read).get(), without_waiting);
}

void BareConsumer::take_all() {
  while (const kafka::Event event{rd_kafka_queue_poll(events_.get(), 0)}) kafka::log_event(event.get());
  std::array<rd_kafka_message_t*, 256> messages{};
  for (;;) {
    const auto count = rd_kafka_consume_batch_queue(records_.get(), 0, messages.data(), messages.size());
    for (ssize_t i = 0; i < count; ++i) {
      take(*messages[static_cast<std::size_t>(i)]);
      rd_kafka_message_destroy(messages[static_cast<std::size_t>(i)]);
    }
    if (std::cmp_less(count, messages.size())) return;
  }
}

void BareConsumer::take(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF && !ready()) --ends_missing_;
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const auto source = std::ranges::find_if(sources_, [&](const Source& one) { return one.topic.get() == message.rkt; });
  source->read_to[static_cast<std::size_t>(message.partition)] = message.offset + 1;
  source->on_record(message);
}

}  // namespace foodorder::bench
