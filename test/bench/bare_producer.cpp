#include "bare_producer.hpp"

#include "bus_kafka/settings.hpp"

#include <fmt/format.h>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace foodorder::bench {

namespace {

kafka::Handle make_instance(const std::string& brokers) {
  KafkaBusOptions options;
  options.brokers = brokers;
  kafka::Conf conf = kafka::ClientSettings(options).producer();
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR);
  std::array<char, 512> why{};
  rd_kafka_t* made = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), why.data(), why.size());
  if (!made) throw std::runtime_error(why.data());
  static_cast<void>(conf.release());
  return kafka::Handle(made, rd_kafka_destroy);
}

[[noreturn]] void give_up(rd_kafka_resp_err_t error) {
  fmt::print(stderr, "a record was not taken: {}\n", rd_kafka_err2str(error));
  std::exit(1);
}

rd_kafka_headers_t* to_headers(const Headers& headers) {
  rd_kafka_headers_t* list = rd_kafka_headers_new(headers.size());
  for (const Header& header : headers)
    rd_kafka_header_add(list, header.name.data(), static_cast<ssize_t>(header.name.size()), header.value->view().data(),
                        static_cast<ssize_t>(header.value->size()));
  return list;
}

}  // namespace

BareProducer::BareProducer(const std::string& brokers)
    : instance_(make_instance(brokers)), events_(rd_kafka_queue_get_main(instance_.get())) {}

BareProducer::~BareProducer() = default;

kafka::Topic BareProducer::topic(const std::string& name) const {
  return kafka::Topic(rd_kafka_topic_new(instance_.get(), name.c_str(), nullptr));
}

void BareProducer::wake_on(const Executor& loop) {
  watch_ = std::make_unique<kafka::QueueWatch>(loop, [this] { take_reports(0); });
  watch_->watch(events_.get());
}

Task<> BareProducer::send(const kafka::Topic& topic, const Record& record) {
  Waiter<Wake> waiting;
  co_await park<Wake>([&](Waiter<Wake> waiter) {
    waiting = std::move(waiter);
    produce(topic, record, &waiting);
  });
}

void BareProducer::wait_until_at_most(std::size_t in_flight_max) {
  while (in_flight_ > in_flight_max) take_reports(100);
}

void BareProducer::produce(const kafka::Topic& topic, const Record& record, void* opaque) {
  const std::string_view key = *record.key();
  const std::string_view value = *record.value();
  rd_kafka_headers_t* headers = to_headers(record.headers);
  const auto error =
      rd_kafka_producev(instance_.get(), RD_KAFKA_V_RKT(topic.get()), RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
                        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_HEADERS(headers),
                        RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) give_up(error);
  ++in_flight_;
}

void BareProducer::take_reports(int wait_ms) {
  for (;;) {
    const kafka::Event event{rd_kafka_queue_poll(events_.get(), wait_ms)};
    if (!event) return;
    wait_ms = 0;
    while (const rd_kafka_message_t* report = rd_kafka_event_message_next(event.get())) {
      if (report->err != RD_KAFKA_RESP_ERR_NO_ERROR) give_up(report->err);
      --in_flight_;
      if (report->_private) static_cast<const Waiter<Wake>*>(report->_private)->complete(Wake{});
    }
  }
}

}  // namespace foodorder::bench
