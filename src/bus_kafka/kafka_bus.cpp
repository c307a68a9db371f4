#include "kafka_bus.hpp"

#include "admin.hpp"
#include "consumer.hpp"
#include "errors.hpp"
#include "offsets.hpp"
#include "producer.hpp"
#include "topic_ids.hpp"

namespace foodorder {

namespace {

using kafka::Client;

class KafkaBus final : public EventBus {
 public:
  KafkaBus(const Executor& executor, Clock& clock, KafkaBusOptions options)
      : client_(std::make_shared<Client>(executor, clock, std::move(options))), admin_(kafka::make_admin(client_)) {
    client_->start();
  }
  ~KafkaBus() override {
    admin_.reset();
    client_->stop();
  }

  std::string_view name() const override { return "kafka"; }

  Features features() const override {
    const bool mock = client_->mock() != nullptr;
    Features features;
    features.durable = !mock;
    features.admin = features.compaction = features.retention = features.seek_by_time = !mock;
    features.orderly_rebalances = !mock;
    features.compaction_on_demand = features.removed_before_read = false;
    // A mock cluster's members never join with a shorter one.
    features.session_timeout_min = mock ? std::chrono::seconds(3) : client_->options().session_timeout_min;
    return features;
  }

  std::optional<std::string> trouble() const override { return client_->trouble(); }
  Task<Result<std::string>> log_id(std::vector<std::string> topics) override {
    return ask_log_id(client_, std::move(topics));
  }

  std::unique_ptr<Producer> producer(ProducerSpec spec) override {
    return kafka::make_producer(client_, std::move(spec));
  }
  std::unique_ptr<Consumer> subscribe(ConsumerSpec spec) override {
    return kafka::make_consumer(client_, std::move(spec));
  }
  Admin& admin() override { return *admin_; }

 private:
  static Task<Result<std::string>> ask_log_id(std::shared_ptr<Client> client, std::vector<std::string> topics) {
    std::function<Result<std::string>()> ask = [rk = client->producer(), topics = std::move(topics),
                                                with_ids = client->knows_topic_ids()] {
      return kafka::log_id(rk.get(), topics, with_ids);
    };
    Result<std::string> id = co_await Client::off_loop<Result<std::string>>(client, std::move(ask));
    co_return id;
  }

  const std::shared_ptr<Client> client_;
  std::unique_ptr<Admin> admin_;
};

}  // namespace

std::unique_ptr<EventBus> make_kafka_bus(const Executor& executor, Clock& clock, KafkaBusOptions options) {
  return std::make_unique<KafkaBus>(executor, clock, std::move(options));
}

}  // namespace foodorder
