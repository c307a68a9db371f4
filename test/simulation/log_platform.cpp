#include "log_platform.hpp"

#include "bus_memory/memory_bus.hpp"
#include "foodorder/runtime/topics.hpp"
#include "run_task.hpp"
#include "world.hpp"

#include <set>

namespace foodorder::simulation {

namespace {

std::unique_ptr<EventBus> new_log(Executor executor, Clock& clock) {
  MemoryBusOptions options;
  options.log_id = "log";
  return make_memory_bus(std::move(executor), clock, std::move(options));
}

/// What has come behind these next offsets, which it moves on.
Task<std::vector<ConsumerRecord>> read_behind(Admin& admin, std::vector<Position>& next) {
  std::vector<ConsumerRecord> records;
  for (Position& from : next) {
    const Result<ReadPage> page = co_await admin.read(from.tp, from.offset, ReadLimits());
    from.offset = page.value().next_offset;
    records.insert(records.end(), page->records.begin(), page->records.end());
  }
  co_return records;
}

class LogPlatform final : public Platform {
 public:
  explicit LogPlatform(LogPlatformParts parts)
      : parts_(std::move(parts)),
        faults_(parts_.clock, parts_.trace, parts_.plan.seed + 3),
        log_(new_log(parts_.scheduler.executor(parts_.bus_actor), parts_.clock)),
        bus_(make_fault_bus(*log_, faults_)) {
    if (parts_.make.wrap_bus) bus_ = parts_.make.wrap_bus(std::move(bus_), parts_.scheduler.executor(parts_.bus_actor));
    std::vector<TopicSpec> catalogue = topics::catalogue();
    std::erase_if(catalogue,
                  [](const TopicSpec& topic) { return topic.name.starts_with("module-"); });  // not of modules
    result_of(log_->admin().ensure_topics(catalogue)).value();
    foreign_ = log_->producer(ProducerSpec("foreign"));
    for (const TopicSpec& topic : catalogue)
      for (std::int32_t partition = 0; partition < topic.partitions; ++partition)
        pulled_.emplace_back(TopicPartition(topic.name, partition), 0);
    faults_.committed = [this](const std::string&, const std::string& group, const std::vector<Position>& next) {
      parts_.committed(group, next);
    };
  }

  const std::vector<ModuleKind>& kinds() const override { return parts_.make.kinds; }
  EventBus& bus(int) override { return *bus_; }
  Clock& clock(int) override { return parts_.clock; }
  void set_faulty(bool faulty) override { faults_.faults = faulty ? parts_.plan.faults : Faults(); }
  std::uint64_t writes() const override { return faults_.sends; }
  std::vector<ConsumerRecord> read_on() override { return result_of(read_behind(log_->admin(), pulled_)); }

  std::optional<std::string> unsettled() override {
    const auto groups = result_of(log_->admin().groups()).value();
    for (const GroupDescription& group : groups) {
      if (group.state != "Stable") return group.group + " is not stable";
      std::set<std::string> members;
      for (const MemberDescription& member : group.members)
        if (!members.insert(member.client_id).second)
          return group.group + " does not miss yet who was " + member.client_id + " before a crash";
      for (const GroupPartition& partition : group.partitions)
        if (partition.lag > 0) return group.group + " has a lag";
    }
    return {};
  }

  void produce(ProducerRecord record) override {
    ++faults_.sends;
    asio::co_spawn(parts_.scheduler.executor(parts_.own_actor), foreign_->send(std::move(record)),
                   [](std::exception_ptr, const Result<Position>&) {});
  }

 private:
  /// The memory bus answers such questions at once.
  template <class T>
  T result_of(Task<T> task) {
    return run_task(parts_.scheduler, parts_.own_actor, parts_.own_actor, std::move(task));
  }

  LogPlatformParts parts_;
  FaultControl faults_;
  std::unique_ptr<EventBus> log_;
  std::unique_ptr<Producer> foreign_;
  std::unique_ptr<EventBus> bus_;  ///< what the modules see of the log
  std::vector<Position> pulled_;   ///< next offsets; orders first, because all else follows from them
};

}  // namespace

std::unique_ptr<Platform> make_log_platform(LogPlatformParts parts) {
  return std::make_unique<LogPlatform>(std::move(parts));
}

}  // namespace foodorder::simulation
