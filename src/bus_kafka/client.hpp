#pragma once

#include "foodorder/base/park.hpp"
#include "handles.hpp"
#include "kafka_bus.hpp"
#include "mock_cluster.hpp"
#include "outgoing.hpp"
#include "queue_watch.hpp"
#include "recent_records.hpp"
#include "settings.hpp"
#include "tail.hpp"
#include "topic_watch.hpp"

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace foodorder::kafka {

class ClientMetrics;

/// An instance that produces, and what ends with it.
struct Producing {
  explicit Producing(Handle made) : instance(std::move(made)), events(rd_kafka_queue_get_main(instance.get())) {}

  Handle instance;
  std::unordered_map<std::string, Topic> topics;
  Queue events;
  std::unique_ptr<QueueWatch> watch;
};

/// What the parts of one bus share: the producing instance, threads for calls that block, whether a broker is in reach.
class Client final : public std::enable_shared_from_this<Client> {
 public:
  Client(const Executor& executor, Clock& clock, KafkaBusOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void start();
  /// Ends all threads; what was not delivered is given up. A call to a broker that is away may block for seconds: what
  /// has not ended after half a second is left behind, and does nothing more but end.
  void stop();
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  [[nodiscard]] const Executor& executor() const noexcept { return executor_; }
  [[nodiscard]] Clock& clock() const noexcept { return clock_; }
  [[nodiscard]] const KafkaBusOptions& options() const noexcept { return options_; }
  [[nodiscard]] const SettingsBook& settings() const noexcept { return settings_; }
  [[nodiscard]] MockCluster* mock() const noexcept { return mock_.get(); }

  /// The instance that produces and does admin work. After a fatal error it is replaced by another.
  [[nodiscard]] const Handle& producer() const noexcept { return producing_->instance; }
  /// A handle of a topic to produce to; made at its first use, which costs half a second: the bus makes those of its
  /// own topics beforehand.
  rd_kafka_topic_t* topic(const std::string& name);
  [[nodiscard]] Outgoing& outgoing() noexcept { return outgoing_; }

  [[nodiscard]] const std::optional<std::string>& trouble() const noexcept {
    if (trouble_) return trouble_;
    return topic_watch_.trouble() ? topic_watch_.trouble() : failure_;
  }
  /// Sends are refused: no broker answers. Before the first answer nothing is known. From any thread.
  [[nodiscard]] bool known_down() const noexcept { return down_; }
  /// A call has shown that a broker answers, or that none does.
  void in_reach();
  void out_of_reach(std::string_view why);
  /// Asks a broker whether it is there; by itself, that happens every few seconds.
  void probe();

  /// Of all consumers; on the loop.
  [[nodiscard]] RecentRecords& recent_records() noexcept { return recent_records_; }

  [[nodiscard]] Tail& tail() noexcept { return *tail_; }
  [[nodiscard]] TopicWatch& topic_watch() noexcept { return topic_watch_; }
  /// Whether topic_ids() can be asked.
  [[nodiscard]] bool tells_topic_ids() const { return !mock_ && settings_.plain_text(); }

  /// An instance that is a member of a group, and one that reads without a group.
  [[nodiscard]] Handle make_member(Conf conf);
  [[nodiscard]] Handle make_fetcher(Conf conf);
  /// librdkafka's words, in our log. Takes what every instance may say.
  void note(rd_kafka_event_t* event);

  /// Runs `job`, which may block, on a thread beside the loop, and completes with what it returned.
  template <class R>
  static Task<R> off_loop(std::shared_ptr<Client> client, std::function<R()> job) {
    R result = co_await park<R>([&](Waiter<R> waiter) { client->run<R>(client->threads_, std::move(job), waiter); });
    co_return result;
  }

  /// The same without a coroutine: `done` is called on the loop, unless the client was stopped meanwhile.
  template <class R>
  void aside(std::function<R()> job, std::function<void(R)> done) {
    asio::post(threads_, [this, job = std::move(job), done = std::move(done)]() mutable {
      if (stopped_) return;
      auto result = std::make_shared<R>(job());
      job = nullptr;
      to_loop([result, done = std::move(done)] { done(std::move(*result)); });
    });
  }

  /// The same on a single thread, where jobs do not overlap: for pages of the log.
  template <class R>
  static Task<R> in_turn(std::shared_ptr<Client> client, std::function<R()> job) {
    R result =
        co_await park<R>([&](Waiter<R> waiter) { client->run<R>(client->page_thread_, std::move(job), waiter); });
    co_return result;
  }

  /// Lets go of an instance, off the loop. From any thread.
  void retire(Handle instance);

 private:
  template <class R>
  void run(asio::thread_pool& threads, std::function<R()> job, Waiter<R> waiter) {
    asio::post(threads, [this, job = std::move(job), waiter = std::move(waiter)]() mutable {
      if (stopped_) return;
      auto result = std::make_shared<R>(job());
      job = nullptr;  // what it holds of an instance is let go of here, not on the loop
      to_loop([result, waiter] { waiter.complete(std::move(*result)); });
    });
  }

  /// From another thread. The loop may be gone after stop().
  template <class Function>
  void to_loop(Function function) {
    const std::scoped_lock lock(stopping_);
    if (!stopped_) asio::post(executor_, std::move(function));
  }

  void watch(const std::shared_ptr<Producing>& producing);
  void drain(const std::shared_ptr<Producing>& producing);
  void on_error(const std::shared_ptr<Producing>& producing, rd_kafka_event_t* event);
  void take_reports(const Producing& producing, rd_kafka_event_t* event);
  void give_up_producer(std::string_view why);
  void replace_producer();
  [[nodiscard]] std::string why_down(rd_kafka_resp_err_t error) const;
  void say_down(std::string_view why);
  void probe_again(Duration delay);
  void let_go();

  const Executor executor_;
  Clock& clock_;
  const KafkaBusOptions options_;
  SettingsBook settings_;
  std::mutex stopping_;
  std::atomic<bool> stopped_ = false;
  asio::thread_pool threads_{16};  ///< they sleep; at the end all consumers are destroyed at the same time
  asio::thread_pool page_thread_{1};
  std::unique_ptr<MockCluster> mock_;
  Outgoing outgoing_{*this};
  const std::shared_ptr<Tail> tail_ = std::make_shared<Tail>(*this);
  TopicWatch topic_watch_{*this};
  RecentRecords recent_records_;
  std::unique_ptr<ClientMetrics> metrics_;
  std::optional<std::string> trouble_;
  std::string refusal_;                 ///< what a connection ended with last, since a broker has answered
  std::optional<std::string> failure_;  ///< of the producer, until another has written a record
  Clock::TimerId probe_timer_ = 0;
  Clock::TimerId replace_timer_ = 0;
  std::atomic<bool> down_ = false;
  bool reason_told_ = false;  ///< the log has said why
  bool probing_ = false;
  std::uint64_t troubles_ = 0;  ///< a probe that began before the last one says nothing
  std::shared_ptr<Producing> producing_;
  std::vector<std::shared_ptr<Producing>> failed_;  ///< until all of their records are reported
};

}  // namespace foodorder::kafka
