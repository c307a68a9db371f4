// The memory bus: appends in batches and delivers them to every group, which commits each batch it has read. The floor
// is a bare deque in the same thread that is read by as many readers.
//   bus_bench [--rounds N] [--records N]        rows: bus.groups_1, _2 and _4, in records appended a second of CPU time
#include "bus_memory/memory_bus.hpp"
#include "foodorder/runtime/consume.hpp"
#include "measure.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace foodorder;
using namespace foodorder::bench;

namespace {

constexpr std::size_t batch_records = 256;

/// What a reader does with a record: little, but it cannot be left out by the compiler.
struct Readings {
  void take(const Record& record) { bytes += record.key->size() + record.value->size(); }
  std::size_t bytes = 0;
};

/// One bus, its groups and its producer. The making of a record is not timed: it is the same on both sides.
class BusRound {
 public:
  BusRound(std::size_t groups, std::size_t records)
      : clock_(make_system_clock(loop_.get_executor())),
        bus_(make_memory_bus(loop_.get_executor(), *clock_, MemoryBusOptions())),
        groups_(groups),
        records_(records) {}

  double records_per_cpu_second() {
    start(prepare());
    loop_.run();
    if (failure_) std::rethrow_exception(failure_);
    return static_cast<double>(records_) / timer_.seconds();
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return readings_.bytes; }

 private:
  void start(Task<> task) {
    ++tasks_;
    asio::co_spawn(loop_, std::move(task), [this](std::exception_ptr failure) {
      if (failure) failure_ = std::move(failure);
      if (--tasks_ == 0 || failure_) loop_.stop();
    });
  }

  Task<> prepare() {
    std::vector<TopicSpec> topics;
    topics.emplace_back("orders", 3);
    const auto made = co_await bus_->admin().ensure_topics(std::move(topics));
    made.value();
    for (std::size_t group = 0; group < groups_; ++group) start(consume(fmt::format("group-{}", group)));
  }

  /// Begins once every group has its partitions.
  Task<> produce() {
    const auto producer = bus_->producer(ProducerSpec("bench"));
    OrderRecords source;
    for (std::size_t sent = 0; sent < records_;) {
      std::vector<ProducerRecord> batch;
      for (; batch.size() < batch_records && sent < records_; ++sent) batch.emplace_back("orders", source.make());
      timer_.start();
      const auto results = co_await producer->send_all(std::move(batch));
      timer_.stop();
      for (const auto& result : results) result.value();
    }
    timer_.start();  // what is left to be delivered
  }

  Task<> consume(std::string group) {
    std::vector<std::string> topics{"orders"};
    ConsumerSpec spec("reader", std::move(topics));
    spec.group = std::move(group);
    const auto consumer = bus_->subscribe(std::move(spec));
    for (std::size_t read = 0; read < records_;) {
      const auto event = co_await consumer->next();
      if (std::holds_alternative<Assigned>(event.value()) && ++assigned_ == groups_) start(produce());
      const auto* const records = std::get_if<Records>(&event.value());
      if (!records) continue;
      read += records->records.size();
      const auto committed = co_await consumer->commit(take(*records));
      committed.value();
    }
    if (++finished_ == groups_) timer_.stop();
  }

  /// Reads a batch; gives the next offsets.
  std::vector<Position> take(const Records& batch) {
    for (const ConsumerRecord& record : batch.records) readings_.take(*record.record);
    return batch.next_offsets;
  }

  asio::io_context loop_{1};
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<EventBus> bus_;
  std::size_t groups_;
  std::size_t records_;
  std::size_t tasks_ = 0;
  std::size_t assigned_ = 0;
  std::size_t finished_ = 0;
  Readings readings_;
  CpuTimer timer_;
  std::exception_ptr failure_;
};

struct FloorRound {
  double records_per_cpu_second(std::size_t groups, std::size_t records) {
    std::deque<Record> log;
    OrderRecords source;
    CpuTimer timer;
    std::vector<std::size_t> next(groups);
    while (log.size() < records) {
      std::vector<Record> batch;
      while (batch.size() < batch_records && log.size() + batch.size() < records) batch.push_back(source.make());
      timer.start();
      for (Record& record : batch) log.push_back(std::move(record));
      for (std::size_t& reader : next)
        for (; reader < log.size(); ++reader) readings.take(log[reader]);
      timer.stop();
    }
    return static_cast<double>(records) / timer.seconds();
  }

  Readings readings;
};

}  // namespace

int main(int count, char** arguments) {
  const std::size_t rounds = argument(count, arguments, "--rounds", 7);
  const std::size_t records = argument(count, arguments, "--records", 100'000);
  for (std::size_t round = 0; round < rounds; ++round) {
    for (const std::size_t groups : {1U, 2U, 4U}) {
      FloorRound floor;
      const double bare = floor.records_per_cpu_second(groups, records);
      BusRound bus(groups, records);
      const double measured = bus.records_per_cpu_second();
      if (bus.bytes() != floor.readings.bytes) throw std::logic_error("the groups have not read what the deque has");
      print_round(fmt::format("bus.groups_{}", groups), measured, bare);
    }
  }
}
