#include "producer.hpp"

#include "foodorder/base/wait.hpp"

#include <fmt/format.h>

namespace foodorder::kafka {

namespace {

/// Without an acknowledgement for so long a broker is asked whether it is still there: one that hangs closes no
/// connection.
constexpr Duration suspicious_time = std::chrono::seconds(2);

/// The state of a producer. Frames of its calls share it, because the producer may be destroyed before they end.
struct State {
  State(std::shared_ptr<Client> the_client, ProducerSpec the_spec)
      : client(std::move(the_client)), spec(std::move(the_spec)) {}

  const std::shared_ptr<Client> client;
  const ProducerSpec spec;
  std::size_t in_flight = 0;  ///< without a delivery report
  std::size_t waiting = 0;    ///< sends that have not returned
  bool closed = false;
  Condition returned;  ///< all sends have
};

/// A send that has not returned. It ends also where its frame is destroyed.
struct PendingSend {
  explicit PendingSend(State& of) : state(of) { ++state.waiting; }
  ~PendingSend() {
    if (--state.waiting > 0) return;
    state.returned.notify_all();
  }
  PendingSend(const PendingSend&) = delete;
  PendingSend& operator=(const PendingSend&) = delete;

  State& state;
};

/// The records of one call: their results, and who waits for them. Each gets its result, after message.timeout.ms at
/// the latest; the caller may be gone by then.
class SendBatch final : public DeliveryReports, public std::enable_shared_from_this<SendBatch> {
 public:
  SendBatch(std::shared_ptr<State> state, std::size_t count) : state_(std::move(state)) {
    results_.assign(count, Error(Errc::outcome_unknown, ""));
  }

  void send(std::size_t index, const ProducerRecord& record);
  void settle(std::size_t index, Result<Position> result) override;

  [[nodiscard]] bool any_taken() const noexcept { return awaited_ > 0; }
  void wake_when_done(Waiter<Wake> waiter) { waiter_ = std::move(waiter); }
  std::vector<Result<Position>> take_results() { return std::move(results_); }

 private:
  const std::shared_ptr<State> state_;
  std::vector<Result<Position>> results_;
  std::size_t awaited_ = 0;
  Waiter<Wake> waiter_;
};

void SendBatch::send(std::size_t index, const ProducerRecord& record) {
  State& state = *state_;
  const auto refuse = [&](Errc code, std::string text) { results_[index] = Error(code, std::move(text)); };
  if (state.closed) return refuse(Errc::closed, fmt::format("producer {} is closed", state.spec.client_id));
  if (state.client->broker_watch().known_down()) return refuse(Errc::unavailable, *state.client->trouble());
  if (state.in_flight >= state.spec.in_flight_max_records)
    return refuse(Errc::queue_full,
                  fmt::format("producer {} has {} records in flight", state.spec.client_id, state.in_flight));
  ++awaited_;
  ++state.in_flight;
  state.client->shared_producer().outgoing().add(shared_from_this(), index, record);
}

void SendBatch::settle(std::size_t index, Result<Position> result) {
  --state_->in_flight;
  results_[index] = std::move(result);
  if (--awaited_ == 0) waiter_.complete(Wake{});
}

/// The frame holds all that it needs: the handle may be gone before it ends.
Task<std::vector<Result<Position>>> send_all(std::shared_ptr<State> state, std::vector<ProducerRecord> records) {
  const auto batch = std::make_shared<SendBatch>(state, records.size());
  for (std::size_t i = 0; i < records.size(); ++i) batch->send(i, records[i]);
  if (batch->any_taken()) {
    const PendingSend pending(*state);
    const std::shared_ptr<Client>& client = state->client;
    Clock::TimerId timer = 0;
    co_await park<Wake>([&](Waiter<Wake> waiter) {
      batch->wake_when_done(waiter);
      timer = client->clock().call_at(client->clock().now() + suspicious_time, [weak = std::weak_ptr(client)] {
        if (const auto still = weak.lock()) still->broker_watch().probe();
      });
    });
    client->clock().cancel(timer);
  }
  co_return batch->take_results();
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
    if (state->waiting > 0) co_await state->returned.wait();
  }

  const std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<Producer> make_producer(std::shared_ptr<Client> client, ProducerSpec spec) {
  return std::make_unique<KafkaProducer>(std::move(client), std::move(spec));
}

}  // namespace foodorder::kafka
