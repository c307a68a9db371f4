#pragma once

#include "broker_watch.hpp"
#include "foodorder/base/park.hpp"
#include "handles.hpp"
#include "kafka_bus.hpp"
#include "mock_cluster.hpp"
#include "recent_records.hpp"
#include "settings.hpp"
#include "shared_producer.hpp"
#include "tail.hpp"
#include "topic_watch.hpp"

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace foodorder::kafka {

/// What the parts of one bus share: its settings, its threads for calls that block, its producer and its watches.
class Client final : public std::enable_shared_from_this<Client> {
 public:
  Client(const Executor& executor, Clock& clock, KafkaBusOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void start();
  /// Ends all threads; records without an acknowledgement are given up. A call to a broker that is away may block for
  /// seconds: calls that have not ended after half a second are left behind and only end.
  void stop();
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  [[nodiscard]] const Executor& executor() const noexcept { return executor_; }
  [[nodiscard]] Clock& clock() const noexcept { return clock_; }
  [[nodiscard]] const KafkaBusOptions& options() const noexcept { return options_; }
  [[nodiscard]] const ClientSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] MockCluster* mock() const noexcept { return mock_.get(); }

  [[nodiscard]] SharedProducer& shared_producer() noexcept { return producer_; }
  /// Its handle now.
  [[nodiscard]] const Handle& producer() const noexcept { return producer_.handle(); }
  [[nodiscard]] BrokerWatch& broker_watch() noexcept { return broker_watch_; }
  [[nodiscard]] TopicWatch& topic_watch() noexcept { return topic_watch_; }
  [[nodiscard]] Tail& tail() noexcept { return *tail_; }
  /// Of all consumers; on the loop.
  [[nodiscard]] RecentRecords& recent_records() noexcept { return recent_records_; }

  /// What is wrong with the brokers, the topics or the producer.
  [[nodiscard]] const std::optional<std::string>& trouble() const noexcept;
  /// Whether topic_ids() can be asked.
  [[nodiscard]] bool knows_topic_ids() const { return !mock_ && settings_.plain_text(); }

  /// Runs `job`, which may block, on a thread beside the loop, and completes with what it returned.
  template <class R>
  static Task<R> off_loop(std::shared_ptr<Client> client, std::function<R()> job) {
    R result = co_await park<R>([&](Waiter<R> waiter) { client->run<R>(client->threads_, std::move(job), waiter); });
    co_return result;
  }

  /// The same on a single thread, where jobs do not overlap: for pages of the log.
  template <class R>
  static Task<R> off_loop_in_order(std::shared_ptr<Client> client, std::function<R()> job) {
    R result =
        co_await park<R>([&](Waiter<R> waiter) { client->run<R>(client->page_thread_, std::move(job), waiter); });
    co_return result;
  }

  /// The same as off_loop() without a coroutine: `done` is called on the loop, unless the client was stopped meanwhile.
  template <class R>
  void off_loop_then(std::function<R()> job, std::function<void(R)> done) {
    run_on<R>(threads_, std::move(job), std::move(done));
  }

  /// Releases a handle off the loop. From any thread.
  void destroy_off_loop(Handle handle);

 private:
  template <class R>
  void run(asio::thread_pool& threads, std::function<R()> job, Waiter<R> waiter) {
    run_on<R>(threads, std::move(job), [waiter = std::move(waiter)](R result) { waiter.complete(std::move(result)); });
  }

  template <class R, class Done>
  void run_on(asio::thread_pool& threads, std::function<R()> job, Done done) {
    asio::post(threads, [this, job = std::move(job), done = std::move(done)]() mutable {
      if (stopped_) return;
      auto result = std::make_shared<R>(job());
      job = nullptr;  // its handle is released here, not on the loop
      to_loop([result, done = std::move(done)]() mutable { done(std::move(*result)); });
    });
  }

  /// From another thread. The loop may be gone after stop().
  template <class Function>
  void to_loop(Function function) {
    const std::scoped_lock lock(stopping_);
    if (!stopped_) asio::post(executor_, std::move(function));
  }

  void destroy();

  const Executor executor_;
  Clock& clock_;
  const KafkaBusOptions options_;
  ClientSettings settings_;
  std::mutex stopping_;
  std::atomic<bool> stopped_ = false;
  asio::thread_pool threads_{16};  ///< they sleep; at the end all consumers are destroyed at the same time
  asio::thread_pool page_thread_{1};
  std::unique_ptr<MockCluster> mock_;
  const std::shared_ptr<Tail> tail_ = std::make_shared<Tail>(*this);
  BrokerWatch broker_watch_{*this};
  TopicWatch topic_watch_{*this};
  RecentRecords recent_records_;
  SharedProducer producer_;
};

}  // namespace foodorder::kafka
