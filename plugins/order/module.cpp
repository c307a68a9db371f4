#include "module.hpp"

#include "answers.hpp"
#include "feed_reader.hpp"
#include "foodorder/base/join.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "foodorder/runtime/topics.hpp"
#include "history_answer.hpp"
#include "order_api.hpp"
#include "order_events.hpp"
#include "sse_stream.hpp"
#include "status_keeper.hpp"

#include <fmt/format.h>
#include <prometheus/counter.h>

namespace foodorder {

namespace {

using namespace order;

constexpr std::string_view source = "order-service";
constexpr std::string_view group = "order-group";
constexpr std::int32_t orders_partitions = 3;

std::vector<SettingSpec> settings() {
  std::vector<SettingSpec> specs;
  specs.push_back(SettingSpec::integer("outcomeTimeoutMs", 3000, 10, 60'000,
                                       "how long a write waits for the log before its outcome is called unknown"));
  specs.push_back(SettingSpec::integer("ordersMax", 1'000'000, 1, 10'000'000, "live orders; more are refused"));
  specs.push_back(SettingSpec::integer("idempotencyKeysMax", 100'000, 1, 10'000'000,
                                       "Idempotency-Keys remembered, the oldest forgotten first"));
  specs.push_back(SettingSpec::integer("heartbeatMs", 5'000, 100, 600'000,
                                       "how often the event stream moves its clients' positions"));
  specs.push_back(
      SettingSpec::integer("feedEventsMax", 8192, 16, 1'000'000,
                           "events kept for the clients of the event stream; one further behind is cut off"));
  return specs;
}

Duration millis(const Settings& settings, std::string_view name) {
  return std::chrono::milliseconds(settings.integer(name));
}

std::size_t count(const Settings& settings, std::string_view name) {
  return static_cast<std::size_t>(settings.integer(name));
}

/// Requests that are being answered. Shared with each of them: one that is dropped after a crash may outlive the
/// module by a moment.
struct Requests {
  std::size_t open = 0;
  AsyncEvent ended;
};

class OpenRequest {
 public:
  explicit OpenRequest(std::shared_ptr<Requests> requests) : requests_(std::move(requests)) { ++requests_->open; }
  OpenRequest(const OpenRequest&) = delete;
  OpenRequest& operator=(const OpenRequest&) = delete;
  ~OpenRequest() {
    --requests_->open;
    requests_->ended.set();
  }

 private:
  std::shared_ptr<Requests> requests_;
};

class OrderModule final : public Module {
 public:
  explicit OrderModule(ModuleContext context)
      : instance_id_(context.instance_id),
        bus_(context.bus),
        clock_(context.clock),
        unparsable_(unparsable_records(context.metrics, "order")),
        events_(context.clock, context.ids, std::string(source)),
        state_(count(context.settings, "ordersMax"), count(context.settings, "idempotencyKeysMax")),
        gate_(context.clock),
        statuses_(context.bus, context.clock, events_, state_.store, context.instance_id + "-status"),
        writer_(context.bus, context.clock, context.instance_id, millis(context.settings, "outcomeTimeoutMs"),
                [this](const OrderEvent& event, const Position& at, const OrderRecord& written) {
                  OrderWrite write = write_of(*written.outgoing.record, at, written.time);
                  write.ahead = true;
                  state_.store.apply(event, write);
                }),
        live_(context.bus, context.clock, context.instance_id + "-live", statuses_.reconciler(),
              [this] { judge_statuses(); }),
        loop_(
            context.bus, context.clock, member_of(context, group, topics::orders),
            [this](const ConsumerRecord& record, Output& output) { on_order(record, output); },
            [this] { judge_statuses(); }),
        view_(
            context.bus, context.clock, context.instance_id + "-view", {std::string(topics::orders)},
            [this](const ConsumerRecord& record) {
              state_.fold(record);
              writer_.seen(*record.record);
            },
            [this] {
              gate_.moved();
              live_.pause(live_waits());
              judge_statuses();
            }),
        api_({context.clock, context.ids, events_, state_, writer_, view_, gate_, live_},
             millis(context.settings, "outcomeTimeoutMs")) {
    live_.pause(live_waits());
    configure(context.settings);
  }

  Task<> run() override {
    std::vector<Task<>> parts;
    parts.push_back(view_.run());
    parts.push_back(loop_.run());
    parts.push_back(live_.run());
    parts.push_back(housekeeping());
    co_await join(std::move(parts));
    co_await statuses_.close();
    co_await writer_.close();
  }

  void stop() override {
    stopping_ = true;
    chores_.set();
  }

  /// Its own orders' view and the requests go on: what is paused is what it tells others.
  void pause(bool paused) override {
    paused_ = paused;
    loop_.pause(paused);
    live_.pause(live_waits());
    judge_statuses();
  }

  void configure(const Settings& settings) override {
    outcome_timeout_ = millis(settings, "outcomeTimeoutMs");
    writer_.set_outcome_timeout(outcome_timeout_);
    api_.set_view_timeout(outcome_timeout_);
    state_.store.set_orders_max(count(settings, "ordersMax"));
    state_.keys.set_keys_max(count(settings, "idempotencyKeysMax"));
    live_.set_ring_max_events(count(settings, "feedEventsMax"));
    heartbeat_ = millis(settings, "heartbeatMs");
    chores_.set();
  }

  bool ready() const override { return view_.caught_up() && live_.open() && !live_.misses_partitions(); }

  json::object report() const override {
    json::object report;
    report["orders"] = state_.store.size();
    report["ordersLeftOut"] = state_.store.left_out();
    report["idempotencyKeys"] = state_.keys.size();
    report["inDoubt"] = writer_.in_doubt_count();
    report["unparsable"] = unparsable_count_;
    report["statusesCorrected"] = statuses_.corrected();
    report["sseClients"] = live_.open() ? live_.feed()->clients : 0;
    if (live_.open()) report["feedPosition"] = to_event_id(live_.feed()->log_id(), live_.feed()->next());
    return report;
  }

  /// Answers by the API once the orders have been read.
  template <auto member>
  Task<http::Response> api(http::Request& request) {
    if (!ready()) co_return not_ready();
    const OpenRequest open(requests_);
    http::Response response = co_await (api_.*member)(request);
    co_return response;
  }
  Task<http::Response> list(http::Request& request);
  Task<http::Response> events(http::Request& request);
  Task<http::Response> history(http::Request& request);

 private:
  /// Statuses that are read before the orders that they tell of could only wait to be judged.
  [[nodiscard]] bool live_waits() const { return paused_ || !view_.caught_up(); }

  [[nodiscard]] http::Response not_ready() const {
    if (live_.misses_partitions())
      return http::unavailable("topics",
                               "a topic is not as the order service needs it; /readyz names it and says what to do");
    return http::unavailable("starting", "the order service is reading its orders from the log");
  }

  void on_order(const ConsumerRecord& record, Output& output);
  void judge_statuses();
  Task<> housekeeping();
  Task<> finish_requests();

  std::string instance_id_;
  EventBus& bus_;
  Clock& clock_;
  prometheus::Counter& unparsable_;
  EventWriter events_;
  OrderState state_;
  ViewGate gate_;
  std::shared_ptr<Requests> requests_ = std::make_shared<Requests>();
  Duration outcome_timeout_{};
  Duration heartbeat_{};
  AsyncEvent chores_;  ///< there is housekeeping to do
  bool stopping_ = false;
  bool paused_ = false;
  std::uint64_t unparsable_count_ = 0;
  // The users of the bus go first.
  StatusKeeper statuses_;
  OrderWriter writer_;
  FeedReader live_;
  ConsumeLoop loop_;
  View view_;
  OrderApi api_;
};

void OrderModule::on_order(const ConsumerRecord& record, Output& output) {
  if (is_retry(*record.record)) return;
  const Result<OrderEvent>& event = order_event(record);
  if (event) {
    add_what_follows(record, *event, events_, output);
    log_order(instance_id_, *event);
  } else {
    ++unparsable_count_;
    unparsable_.Increment();
  }
}

void OrderModule::judge_statuses() {
  // Behind what has been read the right one may stand already.
  const bool writes = !paused_ && live_.caught_up();
  if (statuses_.judge(view_, loop_, writes)) chores_.set();
}

Task<> OrderModule::housekeeping() {
  Timestamp last_beat = clock_.now();
  while (!stopping_) {
    co_await chores_.wait_until(clock_, last_beat + heartbeat_);
    if (clock_.now() >= last_beat + heartbeat_) {
      live_.heartbeat();
      last_beat = clock_.now();
      judge_statuses();
    }
    co_await statuses_.write();
  }
  co_await finish_requests();
  live_.stop();
  loop_.stop();
  view_.stop();
}

/// Answers what was asked before stop(). The view still runs: answers wait for it.
Task<> OrderModule::finish_requests() {
  const Timestamp deadline = clock_.now() + outcome_timeout_;
  while (requests_->open > 0 && clock_.now() < deadline) co_await requests_->ended.wait_until(clock_, deadline);
}

/// The list, and the position from which the event stream continues it: no order is told twice or missed.
/// Both must be of one moment: after OrderApi::list reads the store, no co_await may suspend until the header is made.
Task<http::Response> OrderModule::list(http::Request& request) {
  http::Response response = co_await api<&OrderApi::list>(request);
  if (response.status != 200) co_return response;
  FeedOffsets next = live_.feed()->next();
  for (std::size_t slot = 0; slot < orders_partitions; ++slot) next[slot] = view_.next_offset(slot_partition(slot));
  response.headers.emplace_back("Last-Event-ID", to_event_id(live_.feed()->log_id(), next));
  co_return response;
}

Task<http::Response> OrderModule::events(http::Request& request) {
  if (!ready()) co_return not_ready();
  std::optional<std::string> resume = request.query("lastEventId");
  if (const auto last = request.header("Last-Event-ID")) resume = std::string(*last);
  if (resume && resume->empty()) resume.reset();  // as a page keeps it that has seen none
  http::Response response;
  response.content_type = "text/event-stream";
  response.stream = std::make_unique<SseStream>(live_.feed(), bus_.admin(), std::move(resume));
  co_return response;
}

Task<http::Response> OrderModule::history(http::Request& request) {
  if (!ready()) co_return not_ready();
  const OpenRequest open(requests_);
  http::Response response = co_await history_answer(request, bus_.admin(), live_, state_.store);
  co_return response;
}

std::vector<ModuleRoute> routes() {
  using http::Method;
  std::vector<ModuleRoute> routes;
  routes.emplace_back(Method::post, "/api/orders", &OrderModule::api<&OrderApi::create>);
  routes.emplace_back(Method::get, "/api/orders", &OrderModule::list);
  routes.emplace_back(Method::get, "/api/orders/{id}", &OrderModule::api<&OrderApi::get>);
  routes.emplace_back(Method::put, "/api/orders/{id}", &OrderModule::api<&OrderApi::update>);
  routes.emplace_back(Method::patch, "/api/orders/{id}", &OrderModule::api<&OrderApi::update>);
  routes.emplace_back(Method::delete_, "/api/orders/{id}", &OrderModule::api<&OrderApi::remove>);
  routes.emplace_back(Method::get, "/api/orders/{id}/history", &OrderModule::history);
  routes.emplace_back(Method::get, "/events", &OrderModule::events);
  return routes;
}

}  // namespace

ModuleKind order_kind() {
  ModuleKind kind;
  kind.name = "order";
  kind.summary = "takes orders by REST, tells of them by events and server-sent events";
  kind.make = make_module<OrderModule>;
  kind.settings = settings();
  kind.routes = routes();
  return kind;
}

}  // namespace foodorder
