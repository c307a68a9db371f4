#include "producer.hpp"

#include "errors.hpp"

#include <fmt/format.h>

namespace foodorder::kafka {

namespace {

/// Without an acknowledgement for so long a broker is asked whether it is still there: one that hangs closes no
/// connection.
constexpr Duration suspicious_time = std::chrono::seconds(2);

/// What a producer is apart from its handle.
struct State {
  State(std::shared_ptr<Client> the_client, ProducerSpec the_spec)
      : client(std::move(the_client)), spec(std::move(the_spec)) {}

  const std::shared_ptr<Client> client;
  const ProducerSpec spec;
  std::size_t in_flight = 0;  ///< without a delivery report
  std::size_t waiting = 0;    ///< sends that have not returned
  bool closed = false;
  std::vector<Waiter<Wake>> closers;
};

/// A send that has not returned. It ends also where its frame is destroyed.
struct Underway {
  explicit Underway(State& of) : state(of) { ++state.waiting; }
  ~Underway() {
    if (--state.waiting > 0) return;
    for (const auto& closer : std::exchange(state.closers, {})) closer.complete(Wake{});
  }
  Underway(const Underway&) = delete;
  Underway& operator=(const Underway&) = delete;

  State& state;
};

/// The records of one call: their results, and who waits for them. Each gets its report, after message.timeout.ms at
/// the latest; the caller may be gone by then.
class Sending final : public Deliveries, public std::enable_shared_from_this<Sending> {
 public:
  Sending(std::shared_ptr<State> state, std::size_t count) : state_(std::move(state)), topics_(count) {
    tags_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) tags_.push_back(DeliveryTag{this, i});
    results_.assign(count, Error(Errc::outcome_unknown, ""));
  }

  void send(std::size_t index, const ProducerRecord& record);
  bool delivered(std::size_t index, const rd_kafka_message_t& report) override;

  [[nodiscard]] bool any_taken() const noexcept { return awaited_ > 0; }
  void wake_when_done(Waiter<Wake> waiter) { waiter_ = std::move(waiter); }
  std::vector<Result<Position>> take_results() { return std::move(results_); }

 private:
  [[nodiscard]] Result<void> enqueue(std::size_t index, const ProducerRecord& record);

  const std::shared_ptr<State> state_;
  std::vector<DeliveryTag> tags_;
  std::vector<std::string> topics_;
  std::vector<Result<Position>> results_;
  std::size_t awaited_ = 0;
  Waiter<Wake> waiter_;
};

rd_kafka_headers_t* to_headers(const Headers& headers) {
  rd_kafka_headers_t* list = rd_kafka_headers_new(headers.size());
  for (const Header& header : headers) {
    const auto name_size = static_cast<ssize_t>(header.name.size());
    // A null pointer is a null value; the empty string has an address.
    const void* value = header.value ? header.value->data() : nullptr;
    const auto value_size = header.value ? static_cast<ssize_t>(header.value->size()) : 0;
    rd_kafka_header_add(list, header.name.data(), name_size, value, value_size);
  }
  return list;
}

Result<void> Sending::enqueue(std::size_t index, const ProducerRecord& record) {
  Client& client = *state_->client;
  if (client.mock() && !client.mock()->knows(record.topic))
    return Error(Errc::not_found, fmt::format("no topic {}", record.topic));
  const auto bytes = [](const std::optional<std::string>& text) -> void* {
    return text ? const_cast<char*>(text->data()) : nullptr;  // copied, not written
  };
  const auto size = [](const std::optional<std::string>& text) { return text ? text->size() : 0; };
  const Record& what = *record.record;
  const std::int64_t millis = what.timestamp == Timestamp() ? 0 : to_unix_millis(what.timestamp);
  rd_kafka_headers_t* headers = to_headers(what.headers);
  const auto error = rd_kafka_producev(
      client.producer().get(), RD_KAFKA_V_RKT(client.topic(record.topic)),
      RD_KAFKA_V_PARTITION(record.partition.value_or(RD_KAFKA_PARTITION_UA)), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(bytes(what.key), size(what.key)), RD_KAFKA_V_VALUE(bytes(what.value), size(what.value)),
      RD_KAFKA_V_TIMESTAMP(millis), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(&tags_[index]), RD_KAFKA_V_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  rd_kafka_headers_destroy(headers);
  return error_of(error, fmt::format("a record for {}", record.topic));
}

void Sending::send(std::size_t index, const ProducerRecord& record) {
  State& state = *state_;
  const auto refuse = [&](Errc code, std::string text) { results_[index] = Error(code, std::move(text)); };
  if (state.closed) return refuse(Errc::closed, fmt::format("producer {} is closed", state.spec.client_id));
  if (state.client->known_down()) return refuse(Errc::unavailable, *state.client->trouble());
  if (state.in_flight >= state.spec.in_flight_max_records)
    return refuse(Errc::queue_full,
                  fmt::format("producer {} has {} records in flight", state.spec.client_id, state.in_flight));
  topics_[index] = record.topic;
  const auto taken = enqueue(index, record);
  if (!taken) return refuse(taken.error().code, taken.error().message);
  ++awaited_;
  ++state.in_flight;
}

bool Sending::delivered(std::size_t index, const rd_kafka_message_t& report) {
  --state_->in_flight;
  --awaited_;
  const auto what = [&] { return fmt::format("a record for {}", topics_[index]); };
  if (report.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    Error error = error_of(report.err, what());
    if (error.code == Errc::unavailable && rd_kafka_message_status(&report) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED)
      error.code = Errc::outcome_unknown;
    results_[index] = std::move(error);
  } else if (report.offset < 0) {
    // Written at an earlier try whose answer was lost, and the broker has forgotten where.
    results_[index] = Error(Errc::outcome_unknown, what() + ": written, but its offset is not known");
  } else {
    results_[index] = Position(TopicPartition(topics_[index], report.partition), report.offset);
  }
  if (awaited_ == 0) waiter_.complete(Wake{});
  return awaited_ == 0;
}

/// The frame holds all that it needs: the handle may be gone before it ends.
Task<std::vector<Result<Position>>> send_all(std::shared_ptr<State> state, std::vector<ProducerRecord> records) {
  const auto sending = std::make_shared<Sending>(state, records.size());
  for (std::size_t i = 0; i < records.size(); ++i) sending->send(i, records[i]);
  if (sending->any_taken()) {
    const Underway underway(*state);
    const std::shared_ptr<Client>& client = state->client;
    client->expect(sending);
    Clock::TimerId timer = 0;
    co_await park<Wake>([&](Waiter<Wake> waiter) {
      sending->wake_when_done(waiter);
      timer = client->clock().call_at(client->clock().now() + suspicious_time, [weak = std::weak_ptr(client)] {
        if (const auto still = weak.lock()) still->probe();
      });
    });
    client->clock().cancel(timer);
  }
  co_return sending->take_results();
}

class KafkaProducer final : public Producer {
 public:
  KafkaProducer(std::shared_ptr<Client> client, ProducerSpec spec)
      : state_(std::make_shared<State>(std::move(client), std::move(spec))) {}

  Task<Result<Position>> send(ProducerRecord record) override {
    std::vector<ProducerRecord> records;
    records.push_back(std::move(record));
    return send_one(state_, std::move(records));
  }

  Task<std::vector<Result<Position>>> send_all(std::vector<ProducerRecord> records) override {
    return kafka::send_all(state_, std::move(records));
  }

  Task<> close() override { return close(state_); }

 private:
  static Task<Result<Position>> send_one(std::shared_ptr<State> state, std::vector<ProducerRecord> one) {
    auto results = co_await kafka::send_all(std::move(state), std::move(one));
    co_return std::move(results.front());
  }

  static Task<> close(std::shared_ptr<State> state) {
    state->closed = true;
    // Bounded by message.timeout.ms.
    if (state->waiting > 0)
      co_await park<Wake>([&](Waiter<Wake> waiter) { state->closers.push_back(std::move(waiter)); });
  }

  const std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<Producer> make_producer(std::shared_ptr<Client> client, ProducerSpec spec) {
  return std::make_unique<KafkaProducer>(std::move(client), std::move(spec));
}

}  // namespace foodorder::kafka
