#include "order_module.hpp"

#include "foodorder/base/join.hpp"
#include "foodorder/base/wait.hpp"
#include "order_http/order_api.hpp"
#include "table_order_book.hpp"

namespace foodorder::monolith {

namespace {

Duration millis(const Settings& settings, std::string_view name) {
  return std::chrono::milliseconds(settings.integer(name));
}

class OrderModule final : public Module {
 public:
  OrderModule(ModuleContext context, OrderParts parts)
      : clock_(context.clock),
        orders_(parts.orders),
        report_(std::move(parts.report)),
        live_(context.bus, context.clock, context.topics, context.instance_id + "-live", {}, [] {}),
        book_(parts.make_book(context, live_)),
        companion_(parts.make_companion ? parts.make_companion(context) : nullptr),
        api_(*book_, live_, context.bus.admin()) {
    configure(context.settings);
  }

  Task<> run() override {
    std::vector<Task<>> parts;
    parts.push_back(live_.run());
    parts.push_back(housekeeping());
    if (companion_) parts.push_back(companion_->run());
    co_await join(std::move(parts));
  }

  void stop() override {
    stopping_ = true;
    chores_.set();
  }

  /// The requests go on: what is paused is what it tells others.
  void pause(bool paused) override { live_.pause(paused); }

  void configure(const Settings& settings) override {
    database::Limits limits;
    limits.orders_max = settings.integer("ordersMax");
    limits.keys_max = settings.integer("idempotencyKeysMax");
    limits.outcome_timeout = outcome_timeout_ = millis(settings, "outcomeTimeoutMs");
    orders_.set_limits(limits);
    live_.set_ring_max_events(static_cast<std::size_t>(settings.integer("feedEventsMax")));
    heartbeat_ = millis(settings, "heartbeatMs");
    chores_.set();
  }

  bool ready() const override { return api_.ready(); }

  json::object report() const override {
    json::object report = report_();
    report["sseClients"] = live_.open() ? live_.feed()->clients : 0;
    if (live_.open()) report["feedPosition"] = live_.feed()->event_id(live_.feed()->next());
    return report;
  }

  order::OrderApi& api() noexcept { return api_; }

 private:
  Task<> housekeeping() {
    Timestamp last_beat = clock_.now();
    while (!stopping_) {
      co_await chores_.wait_until(clock_, last_beat + heartbeat_);
      if (clock_.now() < last_beat + heartbeat_) continue;
      live_.heartbeat();
      last_beat = clock_.now();
    }
    co_await api_.finish(clock_, outcome_timeout_);
    if (companion_) companion_->stop();
    live_.stop();
  }

  Clock& clock_;
  database::OrderDatabase& orders_;
  const std::function<json::object()> report_;
  Duration outcome_timeout_{};
  Duration heartbeat_{};
  AsyncEvent chores_;
  bool stopping_ = false;
  order::FeedReader live_;
  std::unique_ptr<order::OrderBook> book_;
  std::unique_ptr<Companion> companion_;
  order::OrderApi api_;
};

}  // namespace

std::unique_ptr<Module> make_order_module(ModuleContext context, database::OrderDatabase& orders,
                                          std::shared_ptr<FraudGate> gate) {
  OrderParts parts(orders);
  parts.make_book = [&orders, gate](const ModuleContext& of, const order::FeedReader& live) {
    return std::make_unique<TableOrderBook>(TableOrderBook::Parts{orders, of.clock, of.ids, *gate, live});
  };
  parts.report = [gate] { return json::object{{"blockOn", gate->block_on()}}; };
  return make_order_module(std::move(context), std::move(parts));
}

std::unique_ptr<Module> make_order_module(ModuleContext context, OrderParts parts) {
  return std::make_unique<OrderModule>(std::move(context), std::move(parts));
}

std::vector<ModuleRoute> order_module_routes() { return order::order_routes<OrderModule>(); }

}  // namespace foodorder::monolith
