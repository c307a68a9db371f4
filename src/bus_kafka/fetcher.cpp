#include "fetcher.hpp"

#include "foodorder/base/log.hpp"

#include <algorithm>
#include <array>

namespace foodorder::kafka {

Fetcher::Fetcher(Client& client, std::string client_id, Conf conf, std::function<void()> on_ready)
    : client_(client),
      client_id_(std::move(client_id)),
      on_ready_(std::move(on_ready)),
      handle_(make_reader_handle(std::move(conf))),
      events_(rd_kafka_queue_get_main(handle_.get())),
      records_(rd_kafka_queue_new(handle_.get())),
      watch_(std::make_unique<QueueWatch>(client.executor(), [this] { this->on_ready(); })) {
  watch_->watch(events_.get());
  watch_->watch(records_.get());
}

Fetcher::~Fetcher() {
  for (const TopicPartition& tp : started_) rd_kafka_consume_stop(topic(tp.topic), tp.partition);
  watch_.reset();
  records_.reset();
  events_.reset();
  topics_.clear();
  client_.destroy_off_loop(std::move(handle_));
}

void Fetcher::on_ready() {
  while (const Event event{rd_kafka_queue_poll(events_.get(), 0)}) log_event(event.get());
  on_ready_();
}

rd_kafka_topic_t* Fetcher::topic(const std::string& name) {
  Topic& known = topics_[name];
  if (!known) known.reset(rd_kafka_topic_new(handle_.get(), name.c_str(), nullptr));
  return known.get();
}

void Fetcher::start(const Position& from) {
  started_.insert(from.tp);
  if (rd_kafka_consume_start_queue(topic(from.tp.topic), from.tp.partition, from.offset, records_.get()) != 0)
    log::error("{}: reading {}-{}: {}", client_id_, from.tp.topic, from.tp.partition,
               rd_kafka_err2str(rd_kafka_last_error()));
}

void Fetcher::stop(const TopicPartition& tp) {
  // Waits for librdkafka's main thread, which never waits for a broker.
  if (started_.erase(tp) > 0) rd_kafka_consume_stop(topic(tp.topic), tp.partition);
}

Messages Fetcher::take(std::size_t most) {
  std::array<rd_kafka_message_t*, 256> raw{};
  Messages messages;
  while (messages.size() < most) {
    const std::size_t room = std::min(most - messages.size(), raw.size());
    const auto count = std::max<ssize_t>(rd_kafka_consume_batch_queue(records_.get(), 0, raw.data(), room), 0);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      Message message(raw[i]);
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        messages.push_back(std::move(message));
      else
        log::info("{}: {}", client_id_, rd_kafka_message_errstr(message.get()));
    }
    if (static_cast<std::size_t>(count) < room) break;
  }
  return messages;
}

}  // namespace foodorder::kafka
