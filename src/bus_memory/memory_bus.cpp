#include "memory_bus.hpp"

#include "admin.hpp"
#include "broker.hpp"
#include "consumer.hpp"
#include "producer.hpp"

namespace foodorder {

namespace {

class MemoryBus final : public EventBus {
 public:
  MemoryBus(Executor executor, Clock& clock, MemoryBusOptions options)
      : broker_(std::make_shared<MemoryBroker>(std::move(executor), clock, std::move(options))),
        admin_(make_memory_admin(broker_)) {}
  ~MemoryBus() override { broker_->stop(); }

  std::string_view name() const override { return "memory"; }
  Features features() const override { return Features(); }
  std::optional<std::string> trouble() const override { return {}; }
  Task<Result<std::string>> log_id(std::vector<std::string>) override { co_return broker_->log_id(); }

  std::unique_ptr<Producer> producer(ProducerSpec spec) override {
    return make_memory_producer(broker_, std::move(spec));
  }
  std::unique_ptr<Consumer> subscribe(ConsumerSpec spec) override {
    return make_memory_consumer(broker_, std::move(spec));
  }
  Admin& admin() override { return *admin_; }

 private:
  const std::shared_ptr<MemoryBroker> broker_;
  const std::unique_ptr<Admin> admin_;
};

}  // namespace

std::unique_ptr<EventBus> make_memory_bus(Executor executor, Clock& clock, MemoryBusOptions options) {
  return std::make_unique<MemoryBus>(std::move(executor), clock, std::move(options));
}

}  // namespace foodorder
