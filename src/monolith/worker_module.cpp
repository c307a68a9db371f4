#include "worker_module.hpp"

#include "foodorder/base/log.hpp"
#include "foodorder/base/retry_log.hpp"
#include "foodorder/base/wait.hpp"
#include "rules/messages.hpp"
#include "rules/retry_policy.hpp"
#include "runtime/faults.hpp"

#include <algorithm>

namespace foodorder::monolith {

namespace {

using namespace notification;

constexpr std::string_view source = "notification-service";
constexpr std::size_t batch_max_jobs = 50;
// How often a worker without work looks for jobs that another process has added.
constexpr Duration look_interval = std::chrono::milliseconds(500);
constexpr Duration retry_delay = std::chrono::milliseconds(200);
constexpr Duration batch_work_max = std::chrono::seconds(1);

class WorkerModule final : public Module {
 public:
  WorkerModule(ModuleContext context, database::Store& store)
      : instance_id_(std::move(context.instance_id)),
        clock_(context.clock),
        ids_(context.ids),
        seed_(context.seed),
        jobs_(store.jobs()),
        signals_(store.orders().signals()),
        faults_(instance_id_, context.seed) {
    configure(context.settings);
  }

  Task<> run() override {
    running_ = true;
    while (!stopping_) {
      if (paused_) {
        co_await changed_.wait();
        continue;
      }
      co_await faults_.hold(clock_, changed_);
      const std::uint64_t known = signals_->jobs;
      const auto lease = co_await lease_jobs();
      std::optional<Timestamp> next_due;  // GCC 12 does not translate a choice within co_await rightly
      if (lease) next_due = lease->next_due;
      if (lease && !lease->jobs.empty())
        co_await work_on(lease->jobs);
      else if (!stopping_ && !paused_ && (!lease || known == signals_->jobs))
        co_await wait_for_jobs(next_due);
    }
  }

  void stop() override {
    stopping_ = true;
    changed_.set();
    idle_.complete(Wake{});
  }

  void pause(bool paused) override {
    paused_ = paused;
    changed_.set();
    idle_.complete(Wake{});
  }

  void configure(const Settings& settings) override {
    policy_ = retry_policy_from(settings);
    faults_.configure(settings);
    work_time_ = std::chrono::milliseconds(settings.integer("workMs"));
    lease_time_ = std::chrono::milliseconds(settings.integer("leaseMs"));
    deliveries_max_ = settings.integer("deliveriesMax");
  }

  bool ready() const override { return running_; }

  json::object report() const override {
    json::object report = outcomes_.report();
    report["fenced"] = fenced_;
    report["leased"] = leased_;
    return report;
  }

 private:
  Task<Result<database::Lease>> lease_jobs() {
    token_ = ids_.hex(32);
    database::LeaseRequest request;
    request.worker = instance_id_;
    request.token = token_;
    request.lease = lease_time_;
    request.now = clock_.now();
    request.deliveries_max = deliveries_max_;
    request.jobs_max = batch_max_jobs;
    // Slow work is taken in small batches, so that the other workers get their share.
    if (work_time_ > Duration::zero())
      request.jobs_max =
          static_cast<std::size_t>(std::clamp<std::int64_t>(batch_work_max / work_time_, 1, batch_max_jobs));
    auto lease = co_await jobs_.lease(std::move(request));
    if (lease)
      leasing_.worked();
    else
      leasing_.failed(lease.error());
    extended_ = clock_.now();
    co_return lease;
  }

  Task<> wait_for_jobs(std::optional<Timestamp> next_due) {
    Timestamp look = clock_.now() + look_interval;
    if (next_due) look = std::min(*next_due, look);
    co_await signals_->jobs_added.wait_until(clock_, look, &idle_);
  }

  /// One after the other. What is not begun at a stop is another worker's.
  Task<> work_on(const std::vector<database::Job>& jobs) {
    leased_ = jobs.size();
    std::vector<database::JobResult> results;
    for (const database::Job& job : jobs) {
      const bool done = co_await spend_time();
      if (!done) break;
      results.push_back(decide(job));
      --leased_;
      if (work_time_ == Duration::zero()) continue;
      std::vector<database::JobResult> one = std::exchange(results, {});
      co_await finish(std::move(one));
    }
    if (!results.empty()) co_await finish(std::move(results));
    if (leased_ > 0) co_await give_back();
    leased_ = 0;
  }

  /// As long as a delivery takes; the lease is extended meanwhile. False if it is to be left.
  Task<bool> spend_time() {
    const Timestamp end = clock_.now() + work_time_;
    while (clock_.now() < end && !stopping_ && !paused_) {
      const Timestamp beat = extended_ + lease_time_ / 3;
      co_await changed_.wait_until(clock_, std::min(end, beat));
      if (clock_.now() >= beat) co_await extend();
    }
    co_return !stopping_ && !paused_;
  }

  Task<> extend() {
    extended_ = clock_.now();
    std::string token = token_;
    const auto extended = co_await jobs_.extend(std::move(token), extended_ + lease_time_);
    if (!extended) leasing_.failed(extended.error());
  }

  Task<> give_back() {
    std::string token = token_;
    const auto released = co_await jobs_.release(std::move(token), clock_.now());
    if (!released) log::info("{} leaves its jobs until their lease ends: {}", instance_id_, released.error().message);
  }

  database::JobResult decide(const database::Job& job) {
    using Next = database::JobResult::Next;
    database::JobResult result;
    result.job = job.id;
    result.token = token_;
    result.retry_count = job.retry_count;
    result.time = clock_.stamp();
    clock_.stamp();  // its letter's
    switch (outcome_of(job.event_id, job.retry_count, seed_, policy_)) {
      case Outcome::notified:
        result.action = "NOTIFIED";
        break;
      case Outcome::retry:
        result.next = Next::retry;
        result.action = "RETRY";
        result.retry_count = job.retry_count + 1;
        result.run_at = clock_.now() + backoff_for(job.retry_count, policy_);
        break;
      case Outcome::dead_letter:
        result.next = Next::dead;
        result.action = "DLQ";
        result.reason = "Max retries exceeded";
        result.letter = dead_letter_body(job.event, result.reason, instance_id_, clock_.now());
        break;
      case Outcome::drop:
        result.action = "DROPPED";
        break;
    }
    result.body = JsonObject()
                      .add("source", source)
                      .add("action", result.action)
                      .add("orderId", job.order_id)
                      .add("instanceId", instance_id_)
                      .add("retryCount", result.retry_count)
                      .add("timestamp", clock_.now())
                      .take();
    tell(job, result);
    return result;
  }

  void tell(const database::Job& job, const database::JobResult& result) const {
    if (!log::enabled(log::Level::info)) return;
    log::info("notification", {{"instance", instance_id_},
                               {"action", result.action},
                               {"retryCount", result.retry_count},
                               {"orderId", job.order_id},
                               {"customerName", job.event.order.customer_name},
                               {"item", job.event.order.item}});
  }

  /// Until they are written, or their lease is lost: a result that was written before its answer was lost counts as
  /// fenced here, and once in the tables.
  Task<> finish(std::vector<database::JobResult> results) {
    for (;;) {
      std::vector<database::JobResult> copy = results;
      const auto taken = co_await jobs_.finish(std::move(copy));
      if (taken) {
        finishing_.worked();
        for (std::size_t i = 0; i < results.size(); ++i) count(results[i], (*taken)[i]);
        co_return;
      }
      finishing_.failed(taken.error());
      if (stopping_) co_return;
      co_await changed_.wait_until(clock_, clock_.now() + retry_delay);
    }
  }

  void count(const database::JobResult& result, bool taken) {
    if (!taken)
      ++fenced_;
    else if (result.action == "NOTIFIED")
      ++outcomes_.notified;
    else if (result.action == "RETRY")
      ++outcomes_.retried;
    else if (result.action == "DLQ")
      ++outcomes_.dead_lettered;
    else
      ++outcomes_.dropped;
  }

  std::string instance_id_;
  Clock& clock_;
  IdSource& ids_;
  std::uint64_t seed_;
  database::JobQueue& jobs_;
  const std::shared_ptr<database::Signals> signals_;
  Faults faults_;
  RetryPolicy policy_;
  Duration work_time_{};
  Duration lease_time_{};
  std::int64_t deliveries_max_ = 0;
  std::string token_;
  Timestamp extended_{};
  AsyncEvent changed_;
  Waiter<Wake> idle_;
  RetryLog leasing_{"a worker's lease"};
  RetryLog finishing_{"a worker's results"};
  bool running_ = false;
  bool stopping_ = false;
  bool paused_ = false;
  std::size_t leased_ = 0;
  OutcomeCounts outcomes_;
  std::int64_t fenced_ = 0;
};

}  // namespace

std::unique_ptr<Module> make_worker_module(ModuleContext context, database::Store& store) {
  return std::make_unique<WorkerModule>(std::move(context), store);
}

}  // namespace foodorder::monolith
