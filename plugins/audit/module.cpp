#include "module.hpp"

#include "audit_trail.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "foodorder/runtime/topics.hpp"

#include <prometheus/counter.h>

namespace foodorder {

namespace {

class AuditModule final : public Module {
 public:
  explicit AuditModule(const ModuleContext& context)
      : instance_id_(context.instance_id),
        unparsable_(unparsable_records(context.metrics, "audit")),
        loop_(context.bus, context.clock, member_of(context, "audit-group", topics::audit),
              [this](const ConsumerRecord& record, Output&) { note(record); }) {}

  Task<> run() override {
    running_ = true;
    co_await loop_.run();
  }
  void stop() override { loop_.stop(); }
  void pause(bool paused) override { loop_.pause(paused); }
  void configure(const Settings&) override {}
  bool ready() const override { return running_; }

  json::object report() const override {
    json::object events;
    for (const auto& [kind, count] : counts_.all()) events[kind] = count;
    json::object report;
    report["events"] = std::move(events);
    report["unparsable"] = unparsable_count_;
    return report;
  }

 private:
  void note(const ConsumerRecord& record) {
    const Result<EventHead>& event = event_head(record);
    if (!event || !audit::is_complete(*event)) {
      unparsable_.Increment();
      ++unparsable_count_;
      return;
    }
    counts_.add(*event);
    if (!log::enabled(log::Level::info)) return;
    const Position& at = record.position;
    log::info("audited", {{"instance", instance_id_},
                          {"source", *event->source},
                          {"action", *event->action},
                          {"orderId", *event->order_id},
                          {"at", fmt::format("{}-{}-{}", at.tp.topic, at.tp.partition, at.offset)}});
  }

  std::string instance_id_;
  bool running_ = false;
  std::int64_t unparsable_count_ = 0;
  audit::Counts counts_;
  prometheus::Counter& unparsable_;
  ConsumeLoop loop_;  // last: its consumer goes first
};

}  // namespace

ModuleKind audit_kind() {
  ModuleKind kind;
  kind.name = "audit";
  kind.summary = "writes a line of log, at level info, for every event on audit";
  kind.make = make_module<AuditModule>;
  return kind;
}

}  // namespace foodorder
