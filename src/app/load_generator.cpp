#include "load_generator.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

namespace foodorder::app {

namespace {

/// How often it looks what is due: finer than a person sees, coarse enough to cost nothing.
constexpr Duration tick = std::chrono::milliseconds(10);

/// A request that nobody sent over a socket, and what its views show.
struct OwnRequest {
  explicit OwnRequest(std::string text) : body(std::move(text)) {
    request.method = http::Method::post;
    request.path = "/api/orders";
    request.fields.emplace_back("Content-Type", "application/json");
    request.body = body;
  }

  std::string body;
  http::Request request;
};

}  // namespace

LoadGenerator::LoadGenerator(Clock& clock, http::Handler place) : clock_(clock), place_(std::move(place)) {}

Task<> LoadGenerator::run() {
  const Executor executor = co_await asio::this_coro::executor;
  while (!stopping_) {
    if (!running()) {
      co_await changed_.wait();
      continue;
    }
    send_due(executor);
    co_await sleep_for(clock_, tick);
  }
}

void LoadGenerator::stop() {
  stopping_ = true;
  end();
  changed_.set();
}

void LoadGenerator::set(const Load& load) {
  if (load.rate_per_second <= 0) return end();
  if (!running() || load != load_) {
    load_ = load;
    began_ = clock_.now();
    counts_ = std::make_shared<Counts>();
  }
  ends_ = clock_.now() + run_max;
  changed_.set();
}

void LoadGenerator::send_due(const Executor& executor) {
  const std::uint64_t due = orders_due(load_.scenario, load_.rate_per_second, clock_.now() - began_);
  for (; counts_->due < due; ++counts_->due) {
    if (*in_flight_ >= in_flight_max_orders) continue;
    ++counts_->sent;
    ++*in_flight_;
    asio::co_spawn(executor, send(place_, load_order(load_.scenario, load_.seed, counts_->due), counts_, in_flight_),
                   asio::detached);
  }
}

Task<> LoadGenerator::send(http::Handler place, std::string body, std::shared_ptr<Counts> counts,
                           std::shared_ptr<std::size_t> in_flight) {
  const auto own = std::make_shared<OwnRequest>(std::move(body));
  own->request.owner = own;
  const http::Response response = co_await place(own->request);
  ++(response.status == 201 ? counts->accepted : counts->refused);
  --*in_flight;
}

json::object LoadGenerator::status() const {
  json::object status{{"running", running()}};
  if (!counts_) return status;
  status["rate"] = load_.rate_per_second;
  status["scenario"] = to_string(load_.scenario);
  status["seed"] = load_.seed;
  status["startedAt"] = to_iso_millis(began_).view();
  if (running()) status["endsAt"] = to_iso_millis(ends_).view();
  status["sent"] = counts_->sent;
  status["accepted"] = counts_->accepted;
  status["refused"] = counts_->refused;
  status["notSent"] = counts_->due - counts_->sent;
  status["inFlight"] = *in_flight_;
  return status;
}

}  // namespace foodorder::app
