#include "fault_store.hpp"

#include "foodorder/base/park.hpp"

#include <map>

namespace foodorder::simulation {

namespace {

using namespace database;

class FaultStore final : public ServiceStore, private OrderDatabase, private JobQueue, private ServiceTables {
 public:
  FaultStore(ServiceStore& inner, StoreControl& control, std::shared_ptr<Signals> signals)
      : inner_(inner), control_(control), signals_(std::move(signals)) {}

  OrderDatabase& orders() override { return *this; }
  JobQueue& jobs() override { return *this; }
  ServiceTables& services() override { return *this; }
  StoreFigures figures() const override { return inner_.figures(); }
  Task<Result<Glance>> glance(std::size_t jobs_of_each_state_max) override {
    return read(inner_.glance(jobs_of_each_state_max));
  }

 private:
  std::optional<std::string> trouble() const override { return inner_.orders().trouble(); }
  const std::string& log_id() const override { return inner_.orders().log_id(); }
  void set_limits(Limits limits) override { inner_.orders().set_limits(limits); }
  const std::shared_ptr<Signals>& signals() const override { return signals_; }

  Task<Result<Placing>> place(NewOrder order) override {
    return write("place", inner_.orders().place(std::move(order)));
  }
  Task<Result<Changing>> change(Change change) override {
    return write("change", inner_.orders().change(std::move(change)));
  }
  Task<Result<std::optional<StoredOrder>>> find(std::string id) override {
    return read(inner_.orders().find(std::move(id)));
  }
  Task<Result<OrderPage>> list(Listing listing) override { return read(inner_.orders().list(std::move(listing))); }
  Task<Result<json::object>> statistics(Timestamp now) override { return read(inner_.orders().statistics(now)); }
  Task<Result<json::object>> fraud_figures(Timestamp now, Duration window) override {
    return read(inner_.orders().fraud_figures(now, window));
  }
  Task<Result<Rows>> read_rows(std::int64_t from, std::size_t rows_max) override {
    return read(inner_.orders().read_rows(from, rows_max));
  }
  Task<Result<ReadPage>> read(TopicPartition partition, std::int64_t offset, ReadLimits limits) override {
    return read(inner_.orders().read(std::move(partition), offset, limits));
  }
  Task<Result<std::int64_t>> end() override { return read(inner_.orders().end()); }
  Task<Result<std::int64_t>> offset_at(Timestamp time) override { return read(inner_.orders().offset_at(time)); }
  Task<Result<std::vector<TopicDescription>>> describe() override { return read(inner_.orders().describe()); }

  Task<Result<Lease>> lease(LeaseRequest request) override {
    const std::string worker = request.worker;
    const std::string token = request.token;
    auto leased = co_await write("lease", inner_.jobs().lease(std::move(request)));
    if (leased)
      for (const Job& job : leased->jobs) {
        control_.trace(worker, "gets job {}, delivery {}, of {}", job.id, job.deliveries, job.order_id);
        if (control_.poison && job.event.order.item == poison_item) poisoned_[token] = worker;
      }
    co_return leased;
  }
  Task<Result<void>> extend(std::string token, Timestamp until) override {
    return write("extend", inner_.jobs().extend(std::move(token), until));
  }
  Task<Result<void>> release(std::string token, Timestamp now) override {
    return write("release", inner_.jobs().release(std::move(token), now));
  }
  Task<Result<std::vector<bool>>> finish(std::vector<JobResult> results) override {
    const auto poisoned = poisoned_.find(results.front().token);
    if (poisoned != poisoned_.end()) {
      control_.doomed.push_back(poisoned->second);
      co_await park<Wake>([](const Waiter<Wake>&) {});  // until it crashes
    }
    auto taken = co_await write("finish", inner_.jobs().finish(std::move(results)));
    co_return taken;
  }
  Task<Result<void>> retry(std::int64_t job, Timestamp now) override {
    return write("retry", inner_.jobs().retry(job, now));
  }
  Task<Result<std::vector<ShownJob>>> jobs(std::size_t limit) override { return read(inner_.jobs().jobs(limit)); }
  Task<Result<JobCounts>> counts() override { return read(inner_.jobs().counts()); }

  Task<Result<Check>> check(NewOrder order) override {
    begins("/check", order.write.event_id);
    return write("check", inner_.services().check(std::move(order)));
  }
  Task<Result<bool>> log(LoggedEvent event) override {
    begins("/audit", event.id);
    return write("log", inner_.services().log(std::move(event)));
  }
  Task<Result<bool>> notify(OrderWrite order) override {
    begins("/notify", order.event_id);
    return write("notify", inner_.services().notify(std::move(order)));
  }
  Task<Result<bool>> knows_key(std::string order_id) override {
    return read(inner_.services().knows_key(std::move(order_id)));
  }
  Task<Result<std::vector<JournalRow>>> journal(std::int64_t from, std::size_t rows_max) override {
    return read(inner_.services().journal(from, rows_max));
  }
  Task<Result<std::int64_t>> told() override { return read(inner_.services().told()); }
  Task<Result<void>> set_told(std::int64_t next) override {
    return write("set_told", inner_.services().set_told(next));
  }

  void begins(const char* path, const std::string& id) const {
    if (control_.begins) control_.begins(path, id);
  }

  template <class T>
  Task<Result<T>> write(const char* what, Task<Result<T>> inner) {
    if (control_.random.chance(control_.faults.refuse)) {
      control_.trace("database", "{} is refused", what);
      co_return Error(Errc::unavailable, "another process holds the database");
    }
    const bool lost = control_.random.chance(control_.faults.lose_answer);
    co_await wait(control_.faults.delay);
    auto result = co_await std::move(inner);
    if (!result) control_.trace("database", "{}: {}", what, result.error().message);
    co_await wait(control_.faults.delay_answer);
    if (!lost) co_return std::move(result);
    ++control_.lost;
    control_.trace("database", "the answer of {} is lost", what);
    co_return Error(Errc::outcome_unknown, "the simulator lost the answer");
  }

  template <class T>
  Task<Result<T>> read(Task<Result<T>> inner) {
    if (control_.random.chance(control_.faults.fail_read)) co_return Error(Errc::unavailable, "the simulator says no");
    co_await wait(control_.faults.delay);
    auto result = co_await std::move(inner);
    co_return std::move(result);
  }

  Task<> wait(double probability) {
    if (!control_.random.chance(probability)) co_return;
    co_await sleep_for(control_.clock, Duration(control_.random.between(1, control_.faults.delay_max.count())));
  }

  ServiceStore& inner_;
  StoreControl& control_;
  const std::shared_ptr<Signals> signals_;
  std::map<std::string, std::string> poisoned_;  ///< workers that crash when they finish, by token
};

}  // namespace

std::unique_ptr<ServiceStore> make_fault_store(ServiceStore& inner, StoreControl& control,
                                               std::shared_ptr<Signals> signals) {
  return std::make_unique<FaultStore>(inner, control, std::move(signals));
}

}  // namespace foodorder::simulation
