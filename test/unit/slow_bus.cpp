#include "slow_bus.hpp"

#include "foodorder/base/park.hpp"

#include <utility>

namespace foodorder::test {

namespace {

class SlowProducer final : public Producer {
 public:
  SlowProducer(std::unique_ptr<Producer> inner, Clock& clock, Duration delay)
      : inner_(std::move(inner)), clock_(clock), delay_(delay) {}

  Task<Result<Position>> send(ProducerRecord record) override {
    auto sent = co_await inner_->send(std::move(record));
    if (delay_ > Duration::zero()) co_await sleep_for(clock_, delay_);
    co_return sent;
  }
  Task<std::vector<Result<Position>>> send_all(std::vector<ProducerRecord> records) override {
    return inner_->send_all(std::move(records));
  }
  Task<> close() override { return inner_->close(); }

 private:
  std::unique_ptr<Producer> inner_;
  Clock& clock_;
  Duration delay_;
};

class SlowConsumer final : public Consumer {
 public:
  SlowConsumer(std::unique_ptr<Consumer> inner, Clock& clock, Duration delay)
      : inner_(std::move(inner)), clock_(clock), delay_(delay) {}

  Task<Result<ConsumerEvent>> next() override { return inner_->next(); }
  Task<Result<void>> commit(std::vector<Position> next_offsets) override {
    return inner_->commit(std::move(next_offsets));
  }
  Task<Result<void>> seek(TopicPartition partition, Where where) override { return inner_->seek(partition, where); }
  void pause(const std::vector<TopicPartition>& partitions) override { inner_->pause(partitions); }
  void resume(const std::vector<TopicPartition>& partitions) override { inner_->resume(partitions); }
  std::vector<Position> assignment() const override { return inner_->assignment(); }

  Task<> close() override {
    if (!std::exchange(closing_, true)) {
      co_await inner_->close();
      co_await sleep_for(clock_, delay_);
      left_ = true;
      for (const Waiter<Wake>& closer : std::exchange(closers_, {})) closer.complete(Wake{});
    }
    if (!left_) co_await park<Wake>([this](Waiter<Wake> waiter) { closers_.push_back(std::move(waiter)); });
  }

 private:
  std::unique_ptr<Consumer> inner_;
  Clock& clock_;
  Duration delay_;
  bool closing_ = false;
  bool left_ = false;
  std::vector<Waiter<Wake>> closers_;
};

class SlowBus final : public EventBus {
 public:
  SlowBus(std::unique_ptr<EventBus> bus, Clock& clock, Delays delays)
      : bus_(std::move(bus)), clock_(clock), delays_(delays) {}

  std::string_view name() const override { return bus_->name(); }
  Features features() const override { return bus_->features(); }
  std::optional<std::string> trouble() const override { return bus_->trouble(); }
  Task<Result<std::string>> log_id(std::vector<std::string> topics) override { return bus_->log_id(std::move(topics)); }
  std::unique_ptr<Producer> producer(ProducerSpec spec) override {
    return std::make_unique<SlowProducer>(bus_->producer(std::move(spec)), clock_, delays_.acknowledgement);
  }
  std::unique_ptr<Consumer> subscribe(ConsumerSpec spec) override {
    return std::make_unique<SlowConsumer>(bus_->subscribe(std::move(spec)), clock_, delays_.leaving);
  }
  Admin& admin() override { return bus_->admin(); }

 private:
  std::unique_ptr<EventBus> bus_;
  Clock& clock_;
  Delays delays_;
};

}  // namespace

std::unique_ptr<EventBus> make_slow_bus(std::unique_ptr<EventBus> bus, Clock& clock, Delays delays) {
  return std::make_unique<SlowBus>(std::move(bus), clock, delays);
}

}  // namespace foodorder::test
