#pragma once

#include "bus_memory/memory_bus.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/domain/order.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "foodorder/runtime/topics.hpp"
#include "runtime/supervisor.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace foodorder::test {

/// Time that moves only when told to.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Timestamp start) : now_(start) {}

  Timestamp now() const override { return now_; }
  TimerId call_at(Timestamp when, std::function<void()> callback) override;
  void cancel(TimerId timer) override;

  /// Fires the next timer that is due by `until`; false if there is none, and then it is `until`.
  bool advance(Timestamp until);

 private:
  Timestamp now_;
  TimerId last_id_ = 0;
  std::map<std::pair<Timestamp, TimerId>, std::function<void()>> due_;
  std::map<TimerId, Timestamp> when_;
};

/// Modules on a memory bus in virtual time, run by a supervisor as in the program.
class World {
 public:
  /// `bytes_max`: max.message.bytes of some topics.
  explicit World(std::vector<ModuleKind> kinds, std::uint64_t seed = 0,
                 const std::map<std::string, std::string>& bytes_max = {});
  ~World();

  /// Adds an instance with other settings than the defaults, and starts it.
  void start(const std::string& instance, const std::map<std::string, SettingValue>& settings = {});
  void restart(const std::string& instance);
  void crash(const std::string& instance);
  /// Stops it and runs until it has ended.
  void stop(const std::string& instance);
  Supervisor& supervisor() { return supervisor_; }
  [[nodiscard]] json::object report(const std::string& instance) const;

  /// The value of a counter that has the label `value`; 0 if there is none.
  [[nodiscard]] double counted(std::string_view name, std::string_view value) const;

  void run_for(Duration duration);
  /// False if it did not come true in that time.
  bool run_until(const std::function<bool()>& condition, Duration limit = std::chrono::minutes(2));
  /// Runs a task of the test to its end.
  template <class T>
  T result_of(Task<T> task);

  /// An order event, logged now.
  Position order(const std::string& customer, std::int64_t price_cents = 1'000,
                 OrderAction action = OrderAction::created, std::optional<std::string> id = {});
  Position produce(std::string_view topic, Record record);
  std::vector<ConsumerRecord> read(std::string_view topic);
  /// The bodies on `audit` of that source, as "ACTION orderId retryCount alert types".
  std::vector<std::string> audit_of(std::string_view source);
  /// Committed offsets are the ends, for all partitions that the group reads.
  bool caught_up(const std::string& group);
  /// Moves a group without members back to the beginning of `orders`, as if it had never committed.
  void rewind(const std::string& group);

  asio::io_context loop;
  VirtualClock clock;
  std::unique_ptr<IdSource> ids;
  std::unique_ptr<EventBus> bus;

 private:
  void run_ready();

  std::unique_ptr<prometheus::Registry> metrics_;
  std::unique_ptr<IdSource> order_ids_;  // of their own: the orders are the same whatever the modules do
  EventWriter events_;
  std::unique_ptr<Producer> producer_;
  Supervisor supervisor_;
};

template <class T>
T World::result_of(Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failed;
  asio::co_spawn(loop, std::move(task), [&](std::exception_ptr failure, T value) {
    failed = failure;
    result = std::move(value);
  });
  run_until([&] { return result.has_value() || failed; });
  if (failed) std::rethrow_exception(failed);
  return std::move(result.value());
}

}  // namespace foodorder::test
