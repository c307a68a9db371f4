#pragma once

#include "base/fault_domain.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/park.hpp"
#include "foodorder/http/http.hpp"
#include "foodorder/runtime/module.hpp"
#include "support/memory_world.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

namespace foodorder::test {

/// The memory bus, with acknowledgements on `orders` that can be held back or refused.
class HoldingBus final : public EventBus {
 public:
  explicit HoldingBus(EventBus& inner) : inner_(inner) {}

  std::string_view name() const override { return inner_.name(); }
  Features features() const override { return inner_.features(); }
  std::optional<std::string> trouble() const override { return inner_.trouble(); }
  Task<Result<std::string>> log_id(std::vector<std::string> topics) override {
    return inner_.log_id(std::move(topics));
  }
  std::unique_ptr<Producer> producer(ProducerSpec spec) override;
  std::unique_ptr<Consumer> subscribe(ConsumerSpec spec) override;
  Admin& admin() override { return inner_.admin(); }

  /// Sends to `orders` wait before they reach the log, until release().
  bool hold = false;
  /// What is read waits before it reaches its reader, until release().
  bool hold_reading = false;
  /// Set: sends to `orders` fail with this, after being held, if they are.
  std::optional<Errc> refuse;
  /// Sends to `orders` reach the log, and end with outcome_unknown.
  bool lose_acknowledgements = false;
  void release();

 private:
  friend class HoldingProducer;
  friend class HoldingConsumer;

  EventBus& inner_;
  std::vector<Waiter<Wake>> held_;
};

/// What a handler answered.
struct Answer {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::unique_ptr<http::BodyStream> stream;

  [[nodiscard]] std::string header(std::string_view name) const;
  [[nodiscard]] json::value json() const;
};

/// A request that has been made; done() once it is answered.
class Call {
 public:
  [[nodiscard]] bool done() const noexcept { return state_->answer.has_value(); }
  Answer take() { return std::move(*state_->answer); }

 private:
  friend class OrderWorld;
  struct State {
    http::Request request;
    std::string method_path;
    std::string path;
    std::string query;
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields;
    std::optional<Answer> answer;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

using Fields = std::vector<std::pair<std::string, std::string>>;

/// An order module on a memory bus in virtual time; its handlers are called as functions.
class OrderWorld {
 public:
  explicit OrderWorld(const std::string& log_id = "log-1");
  ~OrderWorld();

  using Changes = std::vector<std::pair<std::string, std::int64_t>>;  ///< of settings

  /// A new instance, run until nothing is left to do.
  void start(const Changes& changed = {});
  /// Settings of the instance as it runs.
  void configure(const Changes& changed);
  /// Destroys the instance where it stands.
  void crash();
  /// Stops it; true if run() has returned.
  bool stop();

  /// Runs all that can run now.
  void settle();
  void advance(Duration duration);

  Call begin(http::Method method, std::string target, std::string body = {}, Fields fields = {});
  Answer call(http::Method method, std::string target, std::string body = {}, Fields fields = {});
  /// POST with a JSON body; the order's id.
  std::string place(const std::string& customer = "Alice", Fields fields = {});
  Answer post(std::string body, Fields fields = {});

  /// Everything in a topic, by partition and offset.
  std::vector<ConsumerRecord> log(std::string_view topic) { return memory.read(topic); }
  Position send(std::string_view topic, Record record, std::optional<std::int32_t> partition = {});
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, T value) {
      if (error) std::rethrow_exception(error);
      result.emplace(std::move(value));
    });
    settle();
    return std::move(result.value());
  }

  MemoryWorld memory;
  asio::io_context& loop = memory.loop.context;
  VirtualClock& clock = memory.loop.clock;
  std::unique_ptr<HoldingBus> bus;
  std::unique_ptr<FaultDomain> domain;
  std::unique_ptr<Module> module;
  bool ended = false;
  std::string failure;

 private:
  std::unique_ptr<Producer> producer_;
};

inline const Fields json_type = {{"Content-Type", "application/json"}};
/// Of a request with an Idempotency-Key.
Fields keyed(const std::string& key);
/// A member of the JSON object that was answered.
std::string field(const Answer& answer, std::string_view name);
/// The ids of the list of orders.
std::vector<std::string> listed(OrderWorld& world, const std::string& query = "");

inline constexpr const char* an_order = R"({"customerName":"Alice","item":"Pizza","quantity":2,"price":12.99})";

/// One event as a client of the stream sees it.
struct SseEvent {
  std::string id;
  std::string event;
  std::string data;
};

/// A client of the event stream that reads only when it is told to.
class SseClient {
 public:
  /// GET /events, from `last_event_id` on if there is one.
  explicit SseClient(OrderWorld& world, const std::optional<std::string>& last_event_id = {});
  /// Leaves.
  ~SseClient();
  SseClient(const SseClient&) = delete;
  SseClient& operator=(const SseClient&) = delete;

  /// Reads until there is nothing more now, or `writes_max` writes have come.
  void read(std::size_t writes_max = 1'000'000);

  [[nodiscard]] bool ended() const noexcept { return state_->ended; }
  [[nodiscard]] const std::string& text() const noexcept { return state_->text; }
  [[nodiscard]] std::vector<SseEvent> events() const;
  /// The data of the events that have some, without gaps.
  [[nodiscard]] std::vector<std::string> data() const;
  [[nodiscard]] std::string last_id() const;
  [[nodiscard]] std::size_t writes() const noexcept { return state_->writes; }

 private:
  struct State {
    std::unique_ptr<http::BodyStream> stream;
    std::string text;
    std::size_t budget = 0;
    std::size_t writes = 0;
    bool reading = false;
    bool ended = false;
  };
  static Task<> pump(std::shared_ptr<State> state);

  OrderWorld& world_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace foodorder::test
