#include "planted_bus.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace foodorder::conformance {

namespace {

/// Calls a hook that may not be there.
template <class... Params, class... Args>
void spoil(const std::function<void(Params...)>& hook, Args&... args) {
  if (hook) hook(args...);
}

template <class... Params, class... Args>
Instead replaced(const std::function<Instead(Params...)>& hook, Args&... args) {
  return hook ? hook(args...) : std::nullopt;
}

class PlantedProducer final : public Producer {
 public:
  PlantedProducer(std::unique_ptr<Producer> inner, const Hooks& hooks) : inner_(std::move(inner)), hooks_(hooks) {}

  Task<Result<Position>> send(ProducerRecord record) override {
    std::vector<ProducerRecord> records{std::move(record)};
    auto results = co_await send_all(std::move(records));
    co_return std::move(results.front());
  }

  Task<std::vector<Result<Position>>> send_all(std::vector<ProducerRecord> records) override {
    spoil(hooks_.before_send, records);
    auto results = co_await inner_->send_all(std::move(records));
    spoil(hooks_.after_send, results);
    co_return results;
  }

  Task<> close() override {
    if (!hooks_.producer_ignores_close) co_await inner_->close();
  }

 private:
  std::unique_ptr<Producer> inner_;
  const Hooks& hooks_;
};

Task<> leave(std::unique_ptr<Consumer> consumer) { co_await consumer->close(); }

class PlantedConsumer final : public Consumer {
 public:
  PlantedConsumer(std::unique_ptr<Consumer> inner, const Hooks& hooks, Executor executor)
      : inner_(std::move(inner)), hooks_(hooks), executor_(std::move(executor)) {}

  ~PlantedConsumer() override {
    if (hooks_.crash_leaves) asio::co_spawn(executor_, leave(std::move(inner_)), asio::detached);
  }

  Task<Result<ConsumerEvent>> next() override {
    for (;;) {
      if (hooks_.before_next) hooks_.before_next(*inner_);
      auto event = co_await inner_->next();
      if (hooks_.delivery_commits && event) {
        auto delivered = inner_->assignment();
        co_await inner_->commit(std::move(delivered));
      }
      if (!hooks_.event || hooks_.event(event, *inner_)) co_return event;
    }
  }

  Task<Result<void>> commit(std::vector<Position> next_offsets) override {
    if (auto instead = replaced(hooks_.commit, next_offsets, *inner_)) co_return std::move(*instead);
    auto result = co_await inner_->commit(std::move(next_offsets));
    spoil(hooks_.after_commit, result);
    co_return result;
  }

  Task<Result<void>> seek(TopicPartition partition, Where where) override {
    if (auto instead = replaced(hooks_.seek, partition, where)) co_return std::move(*instead);
    auto result = co_await inner_->seek(std::move(partition), where);
    spoil(hooks_.after_seek, result);
    co_return result;
  }

  void pause(const std::vector<TopicPartition>& partitions) override {
    if (!hooks_.pause || hooks_.pause(partitions)) inner_->pause(partitions);
  }

  void resume(const std::vector<TopicPartition>& partitions) override {
    if (!hooks_.resume || hooks_.resume(partitions)) inner_->resume(partitions);
  }

  std::vector<Position> assignment() const override {
    auto positions = inner_->assignment();
    spoil(hooks_.assignment, positions);
    return positions;
  }

  Task<> close() override {
    if (hooks_.close_commits) {
      auto delivered = inner_->assignment();
      co_await inner_->commit(std::move(delivered));
    }
    if (!hooks_.consumer_ignores_close) co_await inner_->close();
  }

 private:
  std::unique_ptr<Consumer> inner_;
  const Hooks& hooks_;
  Executor executor_;
};

class PlantedAdmin final : public Admin {
 public:
  PlantedAdmin(Admin& inner, const Hooks& hooks) : inner_(inner), hooks_(hooks) {}

  Task<Result<void>> ensure_topics(std::vector<TopicSpec> topics) override {
    if (auto instead = replaced(hooks_.ensure_topics, topics)) co_return std::move(*instead);
    auto result = co_await inner_.ensure_topics(std::move(topics));
    spoil(hooks_.after_ensure_topics, result);
    co_return result;
  }

  Task<Result<std::vector<TopicDescription>>> topics() override {
    auto result = co_await inner_.topics();
    if (result) spoil(hooks_.topics, *result);
    co_return result;
  }

  Task<Result<std::vector<GroupDescription>>> groups() override {
    auto result = co_await inner_.groups();
    if (result) spoil(hooks_.groups, *result);
    co_return result;
  }

  Task<Result<std::vector<Position>>> resolve(std::vector<TopicPartition> partitions, Where where) override {
    spoil(hooks_.resolve, where);
    auto result = co_await inner_.resolve(std::move(partitions), where);
    if (result) spoil(hooks_.resolved, *result);
    co_return result;
  }

  Task<Result<void>> reset_offsets(std::string group, std::vector<Position> next_offsets) override {
    if (auto instead = replaced(hooks_.reset_offsets, group)) co_return std::move(*instead);
    auto result = co_await inner_.reset_offsets(std::move(group), std::move(next_offsets));
    spoil(hooks_.after_reset_offsets, result);
    co_return result;
  }

  Task<Result<void>> delete_group(std::string group) override {
    if (auto instead = replaced(hooks_.delete_group)) co_return std::move(*instead);
    auto result = co_await inner_.delete_group(std::move(group));
    co_return result;
  }

  Task<Result<ReadPage>> read(TopicPartition partition, std::int64_t offset, ReadLimits limits) override {
    spoil(hooks_.read, limits);
    auto result = co_await inner_.read(std::move(partition), offset, limits);
    if (result) spoil(hooks_.page, *result);
    co_return result;
  }

  Task<Result<std::vector<TopicSetting>>> topic_settings(std::string topic) override {
    auto result = co_await inner_.topic_settings(std::move(topic));
    if (result) spoil(hooks_.topic_settings, *result);
    co_return result;
  }

  Task<Result<Compaction>> compact(std::string topic) override {
    auto result = co_await inner_.compact(std::move(topic));
    spoil(hooks_.after_compact, result);
    co_return result;
  }

 private:
  Admin& inner_;
  const Hooks& hooks_;
};

class PlantedBus final : public EventBus {
 public:
  PlantedBus(std::unique_ptr<EventBus> inner, Hooks hooks, Executor executor)
      : inner_(std::move(inner)),
        hooks_(std::move(hooks)),
        executor_(std::move(executor)),
        admin_(inner_->admin(), hooks_) {}

  std::string_view name() const override { return inner_->name(); }
  Features features() const override { return inner_->features(); }
  std::optional<std::string> trouble() const override { return inner_->trouble(); }

  Task<Result<std::string>> log_id(std::vector<std::string> topics) override {
    auto result = co_await inner_->log_id(std::move(topics));
    if (result) spoil(hooks_.log_id, *result);
    co_return result;
  }

  std::unique_ptr<Producer> producer(ProducerSpec spec) override {
    spoil(hooks_.producer, spec);
    return std::make_unique<PlantedProducer>(inner_->producer(std::move(spec)), hooks_);
  }

  std::unique_ptr<Consumer> subscribe(ConsumerSpec spec) override {
    spoil(hooks_.subscribe, spec);
    return std::make_unique<PlantedConsumer>(inner_->subscribe(std::move(spec)), hooks_, executor_);
  }

  Admin& admin() override { return admin_; }

 private:
  std::unique_ptr<EventBus> inner_;
  Hooks hooks_;
  Executor executor_;
  PlantedAdmin admin_;
};

}  // namespace

std::unique_ptr<EventBus> make_planted_bus(std::unique_ptr<EventBus> bus, Hooks hooks, Executor executor) {
  return std::make_unique<PlantedBus>(std::move(bus), std::move(hooks), std::move(executor));
}

}  // namespace foodorder::conformance
