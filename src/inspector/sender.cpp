#include "sender.hpp"

#include "foodorder/base/park.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <iterator>

namespace foodorder::inspector {

namespace {

/// How many records are on their way at the same time.
constexpr std::size_t batch_max_records = 500;
constexpr Duration outcome_timeout = std::chrono::seconds(3);

}  // namespace

/// Shared by who waits and by what sends: each may end first.
struct Sender::Batch {
  Batch(std::shared_ptr<Producer> by, std::vector<ProducerRecord> what)
      : producer(std::move(by)), records(std::move(what)) {}

  const std::shared_ptr<Producer> producer;
  std::vector<ProducerRecord> records;
  std::vector<Result<Position>> results;  ///< empty until all are known
  Waiter<Wake> waiter;
};

Sender::Sender(EventBus& bus, Clock& clock)
    : clock_(clock), producer_(bus.producer(ProducerSpec("foodorder-inspector"))) {}

Task<> Sender::run(std::shared_ptr<Batch> batch) {
  std::vector<ProducerRecord> records = std::move(batch->records);
  batch->results = co_await batch->producer->send_all(std::move(records));
  batch->waiter.complete(Wake{});
}

Task<std::vector<Result<Position>>> Sender::send_batch(std::vector<ProducerRecord> records) {
  const std::size_t count = records.size();
  const Executor executor = co_await asio::this_coro::executor;
  const auto batch = std::make_shared<Batch>(producer_, std::move(records));
  asio::co_spawn(executor, run(batch), asio::detached);
  if (batch->results.empty()) {
    const Clock::TimerId timer =
        clock_.call_at(clock_.now() + outcome_timeout, [batch] { batch->waiter.complete(Wake{}); });
    co_await park<Wake>([&](Waiter<Wake> waiter) { batch->waiter = std::move(waiter); });
    clock_.cancel(timer);
  }
  if (!batch->results.empty()) co_return std::move(batch->results);
  out_of_time_ = true;
  co_return std::vector<Result<Position>>(count,
                                          Error(Errc::outcome_unknown, "the bus has not acknowledged it within 3 s"));
}

Task<std::vector<Result<Position>>> Sender::send(std::vector<ProducerRecord> records) {
  std::vector<Result<Position>> results;
  for (std::size_t i = 0; i < records.size(); i += batch_max_records) {
    const std::size_t end = std::min(records.size(), i + batch_max_records);
    if (out_of_time_) {
      results.resize(records.size(), Error(Errc::unavailable, "not sent: the bus did not acknowledge those before"));
      break;
    }
    std::vector<ProducerRecord> batch(std::make_move_iterator(records.begin() + static_cast<std::ptrdiff_t>(i)),
                                      std::make_move_iterator(records.begin() + static_cast<std::ptrdiff_t>(end)));
    auto sent = co_await send_batch(std::move(batch));
    results.insert(results.end(), std::make_move_iterator(sent.begin()), std::make_move_iterator(sent.end()));
  }
  co_return results;
}

}  // namespace foodorder::inspector
