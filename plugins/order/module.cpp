#include "module.hpp"

#include "foodorder/base/join.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "foodorder/runtime/topics.hpp"
#include "log_order_book.hpp"
#include "order_events.hpp"
#include "order_http/order_api.hpp"
#include "status_keeper.hpp"

#include <fmt/format.h>
#include <prometheus/counter.h>

namespace foodorder {

namespace {

using namespace order;

constexpr std::string_view source = "order-service";
constexpr std::string_view group = "order-group";

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

LogBookLimits book_limits(const Settings& settings) {
  return {millis(settings, "outcomeTimeoutMs"), count(settings, "ordersMax"), count(settings, "idempotencyKeysMax")};
}

class OrderModule final : public Module {
 public:
  explicit OrderModule(ModuleContext context)
      : instance_id_(context.instance_id),
        clock_(context.clock),
        unparsable_(unparsable_records(context.metrics, "order")),
        events_(context.clock, context.ids, std::string(source)),
        live_(
            context.bus, context.clock, context.topics, context.instance_id + "-live",
            [this](const std::shared_ptr<const Record>& status) { statuses_.take(status); },
            [this] { check_statuses(); }),
        book_({context.bus, context.clock, context.ids, events_, live_}, context.instance_id,
              book_limits(context.settings),
              [this] {
                live_.pause(stream_must_wait());
                check_statuses();
              }),
        statuses_(context.bus, context.clock, events_, book_.store(), context.instance_id + "-status"),
        loop_(
            context.bus, context.clock, member_of(context, group, topics::orders),
            [this](const ConsumerRecord& record, Output& output) { on_order(record, output); },
            [this] { check_statuses(); }),
        api_(book_, live_, context.bus.admin()) {
    live_.pause(stream_must_wait());
    configure(context.settings);
  }

  Task<> run() override {
    std::vector<Task<>> parts;
    parts.push_back(book_.run());
    parts.push_back(loop_.run());
    parts.push_back(live_.run());
    parts.push_back(housekeeping());
    co_await join(std::move(parts));
    co_await statuses_.close();
    co_await book_.close();
  }

  void stop() override {
    stopping_ = true;
    chores_.set();
  }

  /// Its own orders' view and the requests go on: what is paused is what it tells others.
  void pause(bool paused) override {
    paused_ = paused;
    loop_.pause(paused);
    live_.pause(stream_must_wait());
    check_statuses();
  }

  void configure(const Settings& settings) override {
    outcome_timeout_ = millis(settings, "outcomeTimeoutMs");
    book_.set_limits(book_limits(settings));
    live_.set_ring_max_events(count(settings, "feedEventsMax"));
    heartbeat_ = millis(settings, "heartbeatMs");
    chores_.set();
  }

  bool ready() const override { return api_.ready(); }

  json::object report() const override {
    json::object report;
    report["orders"] = book_.store().size();
    report["ordersLeftOut"] = book_.store().left_out();
    report["idempotencyKeys"] = book_.keys();
    report["inDoubt"] = book_.in_doubt();
    report["unparsable"] = unparsable_count_;
    report["statusesCorrected"] = statuses_.corrected();
    report["sseClients"] = live_.open() ? live_.feed()->clients : 0;
    if (live_.open()) report["feedPosition"] = live_.feed()->event_id(live_.feed()->next());
    return report;
  }

  OrderApi& api() noexcept { return api_; }

 private:
  /// Statuses that are read before the orders that they tell of could only wait to be judged.
  [[nodiscard]] bool stream_must_wait() const { return paused_ || !book_.ready(); }

  void on_order(const ConsumerRecord& record, Output& output);
  void check_statuses();
  Task<> housekeeping();

  std::string instance_id_;
  Clock& clock_;
  prometheus::Counter& unparsable_;
  EventWriter events_;
  Duration outcome_timeout_{};
  Duration heartbeat_{};
  AsyncEvent chores_;  ///< there is housekeeping to do
  bool stopping_ = false;
  bool paused_ = false;
  std::uint64_t unparsable_count_ = 0;
  // The users of the bus go first.
  FeedReader live_;
  LogOrderBook book_;
  StatusKeeper statuses_;
  ConsumeLoop loop_;
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

void OrderModule::check_statuses() {
  // Behind what has been read the right one may stand already.
  const bool writes = !paused_ && live_.caught_up();
  if (statuses_.judge(book_.view(), loop_, writes)) chores_.set();
}

Task<> OrderModule::housekeeping() {
  Timestamp last_beat = clock_.now();
  while (!stopping_) {
    co_await chores_.wait_until(clock_, last_beat + heartbeat_);
    if (clock_.now() >= last_beat + heartbeat_) {
      live_.heartbeat();
      last_beat = clock_.now();
      check_statuses();
    }
    co_await statuses_.write();
  }
  co_await api_.finish(clock_, outcome_timeout_);  // the view still runs: answers wait for it
  live_.stop();
  loop_.stop();
  book_.stop();
}

}  // namespace

ModuleKind order_kind() {
  ModuleKind kind;
  kind.name = "order";
  kind.summary = "takes orders by REST, tells of them by events and server-sent events";
  kind.make = make_module<OrderModule>;
  kind.settings = settings();
  kind.routes = order_routes<OrderModule>();
  return kind;
}

}  // namespace foodorder
