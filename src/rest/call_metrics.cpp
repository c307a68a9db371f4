#include "call_metrics.hpp"

#include "foodorder/runtime/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace foodorder::rest {

struct CallMetrics::Families {
  explicit Families(prometheus::Registry& registry)
      : calls(registry, "foodorder_calls_total", "Calls of one service to another, by arrow"),
        tries(registry, "foodorder_call_tries_total", "Requests that were sent for them"),
        errors(registry, "foodorder_call_errors_total", "Calls that were tried and failed"),
        refused(registry, "foodorder_calls_refused_total", "Calls that were not sent, by what refused them"),
        gaps(registry, "foodorder_call_gaps_total", "Calls behind a write that the other service never got"),
        openings(registry, "foodorder_call_breaker_openings_total", "How often the circuit breaker opened"),
        open(registry, "foodorder_call_breaker_open", "1 while the circuit breaker is not closed"),
        seconds(registry, "foodorder_call_seconds", "How long the newest calls took, by quantile") {}

  Series<prometheus::Counter> calls;
  Series<prometheus::Counter> tries;
  Series<prometheus::Counter> errors;
  Series<prometheus::Counter> refused;
  Series<prometheus::Counter> gaps;
  Series<prometheus::Counter> openings;
  Series<prometheus::Gauge> open;
  Series<prometheus::Gauge> seconds;
};

CallMetrics::CallMetrics(prometheus::Registry& registry, Arrows& arrows)
    : arrows_(arrows), families_(std::make_unique<Families>(registry)) {}
CallMetrics::~CallMetrics() = default;

void CallMetrics::update() {
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  for (const TrackedArrow* arrow : arrows_.all()) {
    const calls::Caller& caller = *arrow->caller;
    const calls::CallCounts& counts = caller.counts();
    const std::string& name = caller.arrow().name;
    families_->calls.set({{"arrow", name}}, number(counts.calls));
    families_->tries.set({{"arrow", name}}, number(counts.tries));
    families_->errors.set({{"arrow", name}}, number(counts.errors));
    families_->refused.set({{"arrow", name}, {"by", "breaker"}}, number(counts.refused_by_breaker));
    families_->refused.set({{"arrow", name}, {"by", "bulkhead"}}, number(counts.refused_by_bulkhead));
    families_->refused.set({{"arrow", name}, {"by", "deadline"}}, number(counts.refused_by_deadline));
    families_->gaps.set({{"arrow", name}}, number(arrow->gaps));
    families_->openings.set({{"arrow", name}}, number(caller.breaker_openings()));
    families_->open.set({{"arrow", name}}, caller.breaker() == calls::Breaker::State::closed ? 0 : 1);
    for (const double share : {0.5, 0.99})
      if (const auto time = caller.quantile(share))
        families_->seconds.set({{"arrow", name}, {"quantile", share == 0.5 ? "0.5" : "0.99"}},
                               static_cast<double>(time->count()) / 1e6);
  }
}

}  // namespace foodorder::rest
