// The memory bus: appends in batches and delivers them to every group, which commits each batch it has read. There are
// two floors, in the same thread and with as many readers: a bare deque of records, and a deque that keeps and delivers
// them as a log does.
//   bus_bench [--rounds N] [--records N]
// Rows: bus.groups_1, _2 and _4 beside the bare deque, bus.log_1, _2 and _4 beside the log; seconds of CPU a record.
#include "bus_memory/memory_bus.hpp"
#include "foodorder/runtime/consume.hpp"
#include "measure.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace foodorder;
using namespace foodorder::bench;

namespace {

constexpr std::size_t batch_records = 256;

/// What a reader does with a record: little, but it cannot be left out by the compiler.
struct Readings {
  void take(const Record& record) { bytes += record.key()->size() + record.value()->size(); }
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

  double seconds_a_record() {
    start(prepare());
    loop_.run();
    if (failure_) std::rethrow_exception(failure_);
    return timer_.seconds() / static_cast<double>(records_);
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
      {
        const auto results = co_await producer->send_all(std::move(batch));
        for (const auto& result : results) result.value();
      }
      timer_.stop();
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

/// The least that takes records from a writer to readers: they are moved into a deque and read in place.
class BareDeque {
 public:
  explicit BareDeque(std::size_t readers) : next_(readers) {}

  double seconds_a_record(std::size_t records) {
    OrderRecords source;
    CpuTimer timer;
    while (log_.size() < records) {
      std::vector<Record> batch;
      while (batch.size() < batch_records && log_.size() + batch.size() < records) batch.push_back(source.make());
      timer.start();
      for (Record& record : batch) log_.push_back(std::move(record));
      for (std::size_t& reader : next_)
        for (; reader < log_.size(); ++reader) readings_.take(log_[reader]);
      timer.stop();
    }
    return timer.seconds() / static_cast<double>(records);
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return readings_.bytes; }

 private:
  std::deque<Record> log_;
  std::vector<std::size_t> next_;
  Readings readings_;
};

/// The least that is a log: each record is shared and has an offset, the time of its append and its size, by which the
/// oldest ones go; readers are woken on a loop and are given batches, which outlive what the log removes.
class BareLog {
 public:
  explicit BareLog(std::size_t readers) : readers_(readers) {}

  double seconds_a_record(std::size_t records) {
    OrderRecords source;
    CpuTimer timer;
    for (std::size_t made = 0; made < records;) {
      std::vector<Shared> batch;
      for (; batch.size() < batch_records && made < records; ++made)
        batch.push_back(std::make_shared<const Record>(source.make()));
      timer.start();
      append(std::move(batch));
      loop_.restart();
      loop_.poll();
      timer.stop();
    }
    return timer.seconds() / static_cast<double>(records);
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return readings_.bytes; }

 private:
  using Shared = std::shared_ptr<const Record>;
  struct Entry {
    std::int64_t offset;
    Shared record;
    Timestamp appended;
    std::int64_t bytes;
  };
  struct Read {
    std::int64_t offset;
    Shared record;
  };
  struct Reader {
    std::int64_t next = 0;
    bool woken = false;
  };

  void append(std::vector<Shared> batch) {
    const Timestamp now = clock_->now();
    for (Shared& record : batch) {
      const auto bytes = static_cast<std::int64_t>(size_in_bytes(*record));
      entries_.push_back(Entry{end_++, std::move(record), now, bytes});
      bytes_ += bytes;
      for (; bytes_ > MemoryBusOptions().retention_bytes; entries_.pop_front()) bytes_ -= entries_.front().bytes;
      for (Reader& reader : readers_) wake(reader);
    }
  }

  void wake(Reader& reader) {
    if (std::exchange(reader.woken, true)) return;
    asio::post(loop_, [this, &reader] { read(reader); });
  }

  void read(Reader& reader) {
    reader.woken = false;
    std::vector<Read> batch;
    batch.reserve(static_cast<std::size_t>(end_ - reader.next));
    for (auto entry = entries_.begin() + (reader.next - entries_.front().offset); entry != entries_.end(); ++entry)
      batch.push_back(Read{entry->offset, entry->record});
    reader.next = end_;
    for (const Read& read : batch) readings_.take(*read.record);
  }

  asio::io_context loop_{1};
  std::unique_ptr<Clock> clock_ = make_system_clock(loop_.get_executor());
  std::deque<Entry> entries_;
  std::int64_t end_ = 0;
  std::int64_t bytes_ = 0;
  std::vector<Reader> readers_;
  Readings readings_;
};

void measure(std::size_t groups, std::size_t records) {
  BareDeque deque(groups);
  const double to_deque = deque.seconds_a_record(records);
  BareLog log(groups);
  const double to_log = log.seconds_a_record(records);
  BusRound bus(groups, records);
  const double to_bus = bus.seconds_a_record();
  if (bus.bytes() != deque.bytes() || bus.bytes() != log.bytes())
    throw std::logic_error("the groups have not read what the floors have");
  print_round(fmt::format("bus.groups_{}", groups), to_bus, to_deque);
  print_round(fmt::format("bus.log_{}", groups), to_bus, to_log);
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t rounds = argument(count, arguments, "--rounds", 7);
  const std::size_t records = argument(count, arguments, "--records", 100'000);
  for (std::size_t round = 0; round < rounds; ++round)
    for (const std::size_t groups : {1U, 2U, 4U}) measure(groups, records);
}
