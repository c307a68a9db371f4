#pragma once

#include "foodorder/domain/order.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "runtime/supervisor.hpp"
#include "support/memory_world.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace foodorder::test {

/// Modules on a memory bus in virtual time, run by a supervisor as in the program.
class World : public MemoryWorld {
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

  void run_for(Duration duration) { loop.run_for(duration); }
  bool run_until(const std::function<bool()>& condition, Duration limit = std::chrono::minutes(2)) {
    return loop.run_until(condition, limit);
  }
  template <class T>
  T result_of(Task<T> task) {
    return loop.finish(std::move(task));
  }

  /// An order event, logged now.
  Position order(const std::string& customer, std::int64_t price_cents = 1'000,
                 OrderAction action = OrderAction::created, std::optional<std::string> id = {});
  Position produce(std::string_view topic, Record record);
  /// The bodies on `audit` of that source, as "ACTION orderId retryCount alert types".
  std::vector<std::string> audit_of(std::string_view source);
  /// Committed offsets are the ends, for all partitions that the group reads.
  bool caught_up(const std::string& group);
  /// Moves a group without members back to the beginning of `orders`, as if it had never committed.
  void rewind(const std::string& group);

 private:
  std::unique_ptr<IdSource> order_ids_;  // of their own: the orders are the same whatever the modules do
  EventWriter events_;
  std::unique_ptr<Producer> producer_;
  Supervisor supervisor_;
};

}  // namespace foodorder::test
