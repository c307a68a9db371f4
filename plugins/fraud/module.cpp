#include "module.hpp"

#include "foodorder/base/join.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/base/retry_log.hpp"
#include "foodorder/domain/event_ids.hpp"
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "foodorder/runtime/topics.hpp"
#include "reading.hpp"
#include "reading_start.hpp"
#include "replay.hpp"
#include "settings.hpp"

#include <algorithm>

namespace foodorder {

namespace {

using namespace fraud;

constexpr std::string_view source = "fraud-service";
constexpr std::string_view group = "fraud-group";
constexpr std::size_t emit_max_records = 256;
constexpr std::size_t last_alerts_max = 20;
constexpr Duration retry_delay = std::chrono::milliseconds(200);
// An order is in the log this long after its own timestamp at most: a POST is answered or given up within 3 s.
constexpr Duration logged_after_max = std::chrono::seconds(5);

/// Two consumers: a reader of all partitions without a group makes windows and verdicts, and a member of the group owns
/// partitions and reads nothing. The module emits the verdicts on its own partitions from their committed offsets on,
/// so that windows do not depend on ownership.
class FraudModule final : public Module {
 public:
  explicit FraudModule(ModuleContext context)
      : instance_id_(context.instance_id),
        bus_(context.bus),
        clock_(context.clock),
        ids_(context.ids),
        session_timeout_(context.session_timeout),
        unparsable_(unparsable_records(context.metrics, "fraud")),
        events_(context.clock, context.ids, std::string(source)),
        producer_(context.bus.producer(ProducerSpec(context.instance_id))),
        member_(context.bus.subscribe(member_of(context, group, topics::orders)), context.clock,
                [this](ConsumerEvent event) { return on_event(std::move(event)); }) {
    configure(context.settings);
  }

  Task<> run() override {
    std::vector<Task<>> parts;
    parts.push_back(member_.run());
    parts.push_back(run_readings());
    co_await join(std::move(parts));
    co_await producer_->close();
  }

  void stop() override {
    stopping_ = true;
    if (reading_) reading_->stop();
    stopped_.set();
  }

  void pause(bool paused) override {
    paused_ = paused;
    if (reading_) reading_->pause(paused);
  }

  void configure(const Settings& settings) override {
    const Limits before = limits_;
    const Duration grace_before = grace_;
    limits_ = limits_of(settings);
    grace_ = grace_of(settings);
    if (!reading_) return;
    reading_->set_limits(limits_);
    // Other windows hold other orders: they are read again.
    if (limits_.window != before.window || grace_ != grace_before) reading_->stop();
  }

  bool ready() const override { return reading_ && reading_->caught_up(); }

  json::object report() const override {
    json::object windows;
    windows["windowMs"] = limits_.window / std::chrono::milliseconds(1);
    windows["customers"] = reading_ ? reading_->detector().window().customers() : 0;
    windows["orders"] = reading_ ? reading_->detector().window().orders() : 0;
    json::object report;
    report["windows"] = std::move(windows);
    json::array& alerts = report["lastAlerts"].emplace_array();
    for (const LastAlert& alert : last_alerts_) alerts.push_back(to_json(alert));
    report["emitted"] = emitted_;
    report["late"] = late_before_ + (reading_ ? reading_->detector().late() : 0);
    report["waiting"] = reading_ ? reading_->detector().waiting() : 0;
    if (replay_) report["replay"] = replay_->progress();
    return report;
  }

  Task<Result<json::object>> replay() override {
    if (replaying_) co_return Error(Errc::invalid_argument, "a replay is running; wait until it is done");
    replaying_ = true;
    log::info("replay started", {{"instance", instance_id_}});
    replay_ =
        std::make_unique<Replay>(bus_, clock_, replay_member(instance_id_, ids_, session_timeout_), limits_, grace_);
    Result<json::object> summary = co_await replay_->run();
    replaying_ = false;
    log::info("replay ended",
              {{"instance", instance_id_}, {"summary", summary ? serialize_json(*summary) : summary.error().message}});
    co_return summary;
  }

 private:
  struct LastAlert {
    EventKey key;  ///< of the order's id
    std::string order_id;
    std::string customer;
    Alert alert;
    Timestamp at;
  };

  static json::object to_json(const LastAlert& last) {
    json::object entry;
    entry["orderId"] = last.order_id;
    entry["customerName"] = last.customer;
    entry["type"] = to_string(last.alert.type);
    entry["reason"] = last.alert.reason;
    entry["severity"] = severity(last.alert.type);
    entry["timestamp"] = to_iso_millis(last.at).view();
    return entry;
  }

  struct Owned {
    Owned(std::int64_t next_offset, bool in_time) : committed(next_offset), served(in_time) {}

    std::int64_t committed;  ///< or about to be
    /// The reading has judged nothing above `committed` that was not emitted. If it has, the next one serves it; until
    /// then nothing of it is emitted or committed.
    bool served;
  };

  Task<> on_event(ConsumerEvent event) {
    if (const auto* assigned = std::get_if<Assigned>(&event)) {
      for (const Position& position : assigned->positions) {
        member_.consumer().pause({position.tp});  // ownership is all that is wanted
        const bool served = reading_ && reading_->serves(position);
        owned_.insert_or_assign(position.tp, Owned(position.offset, served));
      }
      if (!reading_) co_return;
      if (serves_all())
        reading_->wake();  // it may have read on without a verdict: that is to be committed
      else
        reading_->stop();
    } else if (const auto* revoked = std::get_if<Revoked>(&event)) {
      // What is on its way is finished and committed first.
      if (!revoked->lost) co_await mutex_.lock();
      for (const TopicPartition& tp : revoked->partitions) owned_.erase(tp);
      if (!revoked->lost) mutex_.unlock();
    }
  }

  [[nodiscard]] bool serves_all() const {
    return std::all_of(owned_.begin(), owned_.end(), [](const auto& owned) { return owned.second.served; });
  }

  [[nodiscard]] std::map<TopicPartition, std::int64_t> committed() const {
    std::map<TopicPartition, std::int64_t> offsets;
    for (const auto& [tp, owned] : owned_) offsets.emplace(tp, owned.committed);
    return offsets;
  }

  /// One reading after the other: a new one begins where ownership needs verdicts that the old one is past.
  Task<> run_readings() {
    RetryLog starting(instance_id_);
    while (!stopping_) {
      auto from = co_await find_start(bus_.admin(), clock_, std::string(topics::orders), std::string(group),
                                      committed(), limits_.window + grace_ + logged_after_max);
      if (stopping_) break;
      if (!from) {
        starting.failed(from.error());
        co_await stopped_.wait_until(clock_, clock_.now() + retry_delay);
        continue;
      }
      starting.worked();
      reading_ = std::make_unique<Reading>(bus_, clock_, instance_id_ + "-reader", std::move(*from), limits_, grace_,
                                           unparsable_);
      for (auto& [tp, owned] : owned_) owned.served = reading_->serves(Position(tp, owned.committed));
      if (!serves_all()) continue;  // something was assigned meanwhile
      if (paused_) reading_->pause(true);
      std::vector<Task<>> parts;
      parts.push_back(reading_->run());
      parts.push_back(emit());
      co_await join(std::move(parts));
      late_before_ += reading_->detector().late();
    }
    member_.stop();
  }

  Task<> emit() {
    while (!reading_->stopping()) {
      co_await reading_->wait();
      for (bool more = true; more;) {
        co_await mutex_.lock();
        more = co_await emit_batch();
        mutex_.unlock();
      }
    }
  }

  /// Emits the verdicts that are ready and commits what is finished. False if nothing was ready.
  Task<bool> emit_batch() {
    Output output;
    std::vector<Position> judged;
    while (judged.size() < emit_max_records) {
      const std::optional<Judged> next = reading_->next();
      if (!next) break;
      const Position& position = next->record.position;
      judged.push_back(position);
      if (!next->verdict) continue;
      if (reading_->judges(position)) remember_alerts(*next->verdict);
      const auto owned = owned_.find(position.tp);
      if (owned == owned_.end()) continue;
      if (owned->second.served && position.offset >= owned->second.committed) add_verdict(*next, output);
    }
    const bool sent = co_await send_until_acknowledged(*producer_, clock_, std::move(output));
    if (!sent) co_return false;
    for (const Position& position : judged) reading_->finish(position);
    commit();
    co_return !judged.empty();
  }

  void add_verdict(const Judged& judged, Output& output) {
    const Verdict& verdict = *judged.verdict;
    const std::string_view type = verdict.alerts.empty() ? "foodorder.fraud.check-passed" : "foodorder.fraud.alert";
    const std::string_view action = verdict_action(verdict.alerts);
    output.push_back(events_.audit(judged.record, type, action, verdict.order_id, [&](JsonObject& body) {
      add_findings(body, verdict.customer, verdict.alerts, verdict.counts);
    }));
    ++emitted_;
    if (log::enabled(log::Level::info)) tell(judged, action);
  }

  void tell(const Judged& judged, std::string_view action) const {
    const Result<OrderEvent>& event = order_event(judged.record);
    std::string alerts;
    for (const Alert& alert : judged.verdict->alerts)
      alerts += (alerts.empty() ? "" : ",") + std::string(to_string(alert.type));
    log::info("fraud", {{"instance", instance_id_},
                        {"action", action},
                        {"orderId", judged.verdict->order_id},
                        {"customerName", judged.verdict->customer},
                        {"item", event ? std::string_view(event->order.item) : std::string_view()},
                        {"alerts", alerts.empty() ? "none" : alerts}});
  }

  /// Whichever member emits it: what is reported must not depend on who is asked. Another reading may judge it again.
  void remember_alerts(const Verdict& verdict) {
    if (verdict.alerts.empty()) return;
    const EventKey key(verdict.order_id);
    for (const Alert& alert : verdict.alerts) {
      const auto same = [&](const LastAlert& last) { return last.key == key && last.alert.type == alert.type; };
      if (std::any_of(last_alerts_.begin(), last_alerts_.end(), same)) continue;
      last_alerts_.push_back(LastAlert{key, verdict.order_id, verdict.customer, alert, clock_.now()});
      if (last_alerts_.size() > last_alerts_max) last_alerts_.pop_front();
    }
  }

  void commit() {
    std::vector<Position> next;
    for (auto& [tp, owned] : owned_) {
      if (!owned.served || reading_->finished(tp) <= owned.committed) continue;
      owned.committed = reading_->finished(tp);
      next.emplace_back(tp, owned.committed);
    }
    member_.commit(std::move(next));
  }

  std::string instance_id_;
  EventBus& bus_;
  Clock& clock_;
  IdSource& ids_;
  Duration session_timeout_;
  Limits limits_;
  Duration grace_{};
  bool stopping_ = false;
  bool paused_ = false;
  bool replaying_ = false;
  std::int64_t emitted_ = 0;
  std::int64_t late_before_ = 0;  // of earlier readings
  std::deque<LastAlert> last_alerts_;
  prometheus::Counter& unparsable_;
  EventWriter events_;
  std::map<TopicPartition, Owned> owned_;
  AsyncMutex mutex_;  // one batch of verdicts, or a revocation
  AsyncEvent stopped_;
  std::unique_ptr<Replay> replay_;
  std::unique_ptr<Producer> producer_;
  std::unique_ptr<Reading> reading_;
  Pump member_;  // last: its consumer goes first
};

}  // namespace

ModuleKind fraud_kind() {
  ModuleKind kind;
  kind.name = "fraud";
  kind.summary = "judges new orders by sliding windows of the event stream";
  kind.settings = setting_specs();
  kind.make = make_module<FraudModule>;
  return kind;
}

}  // namespace foodorder
