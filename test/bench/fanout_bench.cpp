// Server-sent events to many readers: from the record sent to the memory bus to the bytes in every reader's socket, by
// the live feed, its streams and the HTTP server. The floor is a loop of one write() per reader and event.
//   fanout_bench [--rounds N] [--writes N] [--readers-max N]
// Rows: fanout.readers_1, _100 and _1000, in events written to one reader a second of CPU time, with a backlog of all
// that is sent; fanout.alone_1 and _1000, in seconds from one event alone to the last write of it.
#include "bus_memory/memory_bus.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/topics.hpp"
#include "http/server.hpp"
#include "measure.hpp"
#include "order_http/feed_reader.hpp"
#include "order_http/sse_stream.hpp"
#include "order_http/sse_text.hpp"
#include "readers.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace foodorder;
using namespace foodorder::bench;
using WallClock = std::chrono::steady_clock;

namespace {

constexpr std::size_t batch_records = 256;
constexpr std::size_t alone_events = 20;

double seconds_since(WallClock::time_point start) {
  return std::chrono::duration<double>(WallClock::now() - start).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Outcome {
  double writes_per_cpu_second = 0;
  double alone_seconds = 0;
};

/// How many events have been written, in all streams; wakes one who waits for that.
struct Written {
  void add(std::size_t events) {
    total += events;
    if (total >= awaited) received.set();
  }
  Task<> reach(std::size_t events) {
    awaited = events;
    while (total < awaited) co_await received.wait();
  }
  std::size_t total = 0;
  std::size_t awaited = 0;
  AsyncEvent received;
};

/// How many events a chunk has: counted once for all readers.
std::size_t events_in(const http::Chunk& chunk) {
  static http::Chunk last;
  static std::size_t events = 0;
  if (chunk == last) return events;
  events = 0;
  for (std::size_t end = chunk->find("\n\n"); end != std::string::npos; end = chunk->find("\n\n", end + 2)) ++events;
  last = chunk;
  return events;
}

/// A stream as it is, counted: the server asks for more when what it was given has been written.
class CountedStream final : public http::BodyStream {
 public:
  CountedStream(std::unique_ptr<http::BodyStream> stream, Written& written)
      : stream_(std::move(stream)), written_(written) {}

  Task<std::vector<http::Chunk>> next() override {
    written_.add(std::exchange(given_, 0));
    std::vector<http::Chunk> chunks = co_await stream_->next();
    for (const http::Chunk& chunk : chunks) given_ += events_in(chunk);
    co_return chunks;
  }
  void close() override { stream_->close(); }

 private:
  std::unique_ptr<http::BodyStream> stream_;
  Written& written_;
  std::size_t given_ = 0;
};

class FeedRound {
 public:
  FeedRound(std::size_t readers, std::size_t events)
      : readers_count_(readers),
        events_(events),
        clock_(make_system_clock(loop_.get_executor())),
        bus_(make_memory_bus(loop_.get_executor(), *clock_, MemoryBusOptions())),
        producer_(bus_->producer(ProducerSpec("bench"))),
        feed_(*bus_, *clock_, topics::table(), "feed", [](const auto&) {}, [] {}) {
    std::vector<http::Route> routes;
    routes.emplace_back(http::Method::get, "/events", [this](http::Request&) { return stream(); });
    server_ = http::make_server(loop_.get_executor(), *clock_, http::ServerSpec(), std::move(routes));
  }

  Outcome run() {
    start(measure());
    loop_.run();
    if (failure_) std::rethrow_exception(failure_);
    return outcome_;
  }

 private:
  void start(Task<> task) {
    ++tasks_;
    asio::co_spawn(loop_, std::move(task), [this](std::exception_ptr failure) {
      if (failure) failure_ = std::move(failure);
      if (--tasks_ == 0 || failure_) loop_.stop();
    });
  }

  Task<http::Response> stream() {
    http::Response response(200, "text/event-stream", "");
    auto sse = std::make_unique<order::SseStream>(feed_.feed(), bus_->admin(), std::nullopt);
    response.stream = std::make_unique<CountedStream>(std::move(sse), written_);
    co_return response;
  }

  Task<> measure() {
    const auto made = co_await bus_->admin().ensure_topics(topics::catalogue());
    made.value();
    start(feed_.run());
    start(server_->serve());
    while (!feed_.open()) co_await sleep_for(*clock_, std::chrono::milliseconds(1));
    readers_ = std::make_unique<Readers>(server_->port(), readers_count_);
    co_await written_.reach(readers_count_);  // each has its greeting
    CpuTimer timer;
    std::size_t expected = written_.total + readers_count_ * events_;
    for (std::size_t sent = 0; sent < events_;) {
      const std::size_t size = std::min(batch_records, events_ - sent);
      std::vector<ProducerRecord> batch = make_batch(size);
      timer.start();
      const auto results = co_await producer_->send_all(std::move(batch));
      timer.stop();
      for (const auto& result : results) result.value();
      sent += size;
    }
    timer.start();
    co_await written_.reach(expected);
    timer.stop();
    outcome_.writes_per_cpu_second = static_cast<double>(readers_count_ * events_) / timer.seconds();
    std::vector<double> alone;
    for (std::size_t i = 0; i < alone_events; ++i) {
      std::vector<ProducerRecord> one = make_batch(1);
      expected += readers_count_;
      co_await sleep_for(*clock_, std::chrono::milliseconds(2));
      const auto sent_at = WallClock::now();
      const auto results = co_await producer_->send_all(std::move(one));
      results.front().value();
      co_await written_.reach(expected);
      alone.push_back(seconds_since(sent_at));
    }
    outcome_.alone_seconds = median(std::move(alone));
    feed_.stop();
    server_->drain(std::chrono::seconds(1));
  }

  std::vector<ProducerRecord> make_batch(std::size_t size) {
    std::vector<ProducerRecord> batch;
    while (batch.size() < size) batch.emplace_back("orders", source_.make());
    return batch;
  }

  std::size_t readers_count_;
  std::size_t events_;
  asio::io_context loop_{1};
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<EventBus> bus_;
  std::unique_ptr<Producer> producer_;
  Written written_;
  order::FeedReader feed_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<Readers> readers_;
  OrderRecords source_;
  std::size_t tasks_ = 0;
  Outcome outcome_;
  std::exception_ptr failure_;
};

/// One write() per reader and event, of the same bytes, by a thread that does nothing else.
Outcome raw_round(std::size_t readers_count, std::size_t events) {
  asio::io_context loop(1);
  using asio::ip::tcp;
  tcp::acceptor acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  std::vector<tcp::socket> sockets;
  const Readers readers(acceptor.local_endpoint().port(), readers_count);
  while (sockets.size() < readers_count) {
    sockets.push_back(acceptor.accept());
    sockets.back().set_option(tcp::no_delay(true));
  }
  OrderRecords source;
  const ConsumerRecord record(Position(TopicPartition("orders", 0), 0), std::make_shared<const Record>(source.make()));
  const order::FeedSlots slots(topics::table());
  const std::string id = slots.to_event_id(std::string(32, 'a'), order::SlotOffsets(slots.shown()));
  const std::string event = order::event_text(id, "order", record);
  const auto write_to_all = [&] {
    for (tcp::socket& socket : sockets)
      if (write(socket.native_handle(), event.data(), event.size()) != static_cast<ssize_t>(event.size()))
        throw std::runtime_error("a write() to a reader was not complete");
  };
  CpuTimer timer;
  timer.start();
  for (std::size_t i = 0; i < events; ++i) write_to_all();
  timer.stop();
  Outcome outcome;
  outcome.writes_per_cpu_second = static_cast<double>(readers_count * events) / timer.seconds();
  std::vector<double> alone;
  for (std::size_t i = 0; i < alone_events; ++i) {
    usleep(2000);
    const auto sent_at = WallClock::now();
    write_to_all();
    alone.push_back(seconds_since(sent_at));
  }
  outcome.alone_seconds = median(std::move(alone));
  return outcome;
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t rounds = argument(count, arguments, "--rounds", 3);
  const std::size_t writes = argument(count, arguments, "--writes", 200'000);
  const std::size_t readers_max = argument(count, arguments, "--readers-max", 1000);
  constexpr std::size_t events_max = 4000;  // what the feed's ring holds, with room to spare: nobody is cut off
  for (std::size_t round = 0; round < rounds; ++round) {
    for (const std::size_t readers : {std::size_t{1}, std::size_t{100}, std::size_t{1000}}) {
      if (readers > readers_max) continue;
      const std::size_t events = std::clamp(writes / readers, std::size_t{1}, events_max);
      const Outcome bare = raw_round(readers, events);
      const Outcome measured = FeedRound(readers, events).run();
      print_round(fmt::format("fanout.readers_{}", readers), measured.writes_per_cpu_second,
                  bare.writes_per_cpu_second);
      if (readers != 100)
        print_round(fmt::format("fanout.alone_{}", readers), measured.alone_seconds, bare.alone_seconds);
    }
  }
}
