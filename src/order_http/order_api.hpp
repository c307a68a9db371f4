#pragma once

#include "feed_reader.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/module.hpp"
#include "order_book.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace foodorder::order {

/// The requests that are being answered: a module that stops answers them first.
class OpenRequests {
  struct State {
    std::size_t open = 0;
    AsyncEvent ended;
  };

 public:
  /// One request, for as long as this lives.
  class Request {
   public:
    explicit Request(std::shared_ptr<State> state) : state_(std::move(state)) { ++state_->open; }
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
    ~Request() {
      --state_->open;
      state_->ended.set();
    }

   private:
    std::shared_ptr<State> state_;
  };

  [[nodiscard]] Request begin() const { return Request(state_); }

  /// Completes when there is none, or when `limit` has passed.
  Task<> finish(Clock& clock, Duration limit);

 private:
  // Shared with each request: one that is dropped after a crash may outlive the module by a moment.
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// The HTTP API of orders, over the book of one architecture: the handlers, from requests to answers.
class OrderApi {
 public:
  /// `admin` reads the log that `live` follows. All of it outlives the handlers.
  OrderApi(OrderBook& book, FeedReader& live, Admin& admin) : book_(book), live_(live), admin_(admin) {}

  /// The book knows its orders, and the event stream its place: requests are answered.
  [[nodiscard]] bool ready() const { return book_.ready() && live_.open() && !live_.misses_partitions(); }

  /// Answers by that handler once it is ready().
  template <auto handler>
  Task<http::Response> answer(http::Request& request) {
    if (!ready()) co_return not_ready();
    const OpenRequests::Request open = requests_.begin();
    http::Response response = co_await (this->*handler)(request);
    co_return response;
  }

  Task<http::Response> create(http::Request& request);
  Task<http::Response> list(http::Request& request);
  Task<http::Response> get(http::Request& request);
  Task<http::Response> update(http::Request& request);
  Task<http::Response> remove(http::Request& request);
  Task<http::Response> history(http::Request& request);
  Task<http::Response> events(http::Request& request);

  /// Completes when the requests so far are answered, or when `limit` has passed. The book must go on meanwhile.
  Task<> finish(Clock& clock, Duration limit) { return requests_.finish(clock, limit); }

 private:
  [[nodiscard]] http::Response not_ready() const;
  Task<http::Response> change(http::Request& request, OrderAction action, const OrderFields& fields);

  OrderBook& book_;
  FeedReader& live_;
  Admin& admin_;
  OpenRequests requests_;
};

template <class OwnModule, auto handler>
Task<http::Response> answer_by_api(Module& module, http::Request& request) {
  return static_cast<OwnModule&>(module).api().template answer<handler>(request);
}

/// The routes of the API, for a kind of module that has an `OrderApi& api()`.
template <class OwnModule>
std::vector<ModuleRoute> order_routes() {
  using http::Method;
  std::vector<ModuleRoute> routes;
  routes.emplace_back(Method::post, "/api/orders", answer_by_api<OwnModule, &OrderApi::create>);
  routes.emplace_back(Method::get, "/api/orders", answer_by_api<OwnModule, &OrderApi::list>);
  routes.emplace_back(Method::get, "/api/orders/{id}", answer_by_api<OwnModule, &OrderApi::get>);
  routes.emplace_back(Method::put, "/api/orders/{id}", answer_by_api<OwnModule, &OrderApi::update>);
  routes.emplace_back(Method::patch, "/api/orders/{id}", answer_by_api<OwnModule, &OrderApi::update>);
  routes.emplace_back(Method::delete_, "/api/orders/{id}", answer_by_api<OwnModule, &OrderApi::remove>);
  routes.emplace_back(Method::get, "/api/orders/{id}/history", answer_by_api<OwnModule, &OrderApi::history>);
  routes.emplace_back(Method::get, "/events", answer_by_api<OwnModule, &OrderApi::events>);
  return routes;
}

}  // namespace foodorder::order
