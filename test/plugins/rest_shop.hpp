#pragma once

#include "bus_memory/memory_bus.hpp"
#include "database_sqlite/sqlite_store.hpp"
#include "monolith/table_bus.hpp"
#include "order_http/feed_reader.hpp"
#include "rest/rest_order_book.hpp"
#include "rest/service_routes.hpp"
#include "support/virtual_loop.hpp"

#include <boost/asio/detached.hpp>
#include <map>
#include <set>

namespace foodorder::rest {

/// What happens to one service's requests.
struct Wire {
  enum class Trouble { none, down, lost_before, lost_after, slow };
  Trouble trouble = Trouble::none;
  std::size_t requests = 0;  ///< that the service has handled
};
using Trouble = Wire::Trouble;

/// Calls the routes of a service as functions, over a wire that fails as it is told.
class DirectClient final : public http::Client {
 public:
  DirectClient(Clock& clock, std::vector<http::Route> routes, Wire& wire)
      : clock_(clock), routes_(std::move(routes)), wire_(wire) {}

  Task<Result<http::ClientAnswer>> exchange(http::ClientRequest asked, Timestamp deadline) override {
    if (wire_.trouble == Trouble::down) co_return Error(Errc::unavailable, "connection refused");
    Duration takes = std::chrono::milliseconds(1);
    if (wire_.trouble == Trouble::slow) takes = deadline - clock_.now();
    co_await sleep_for(clock_, takes);
    const bool lost = wire_.trouble == Trouble::slow || wire_.trouble == Trouble::lost_before;
    if (lost) co_return Error(Errc::outcome_unknown, "no whole answer in time");
    http::Request request;
    request.method = asked.method;
    request.path = asked.path;
    request.body = asked.body;
    for (const auto& [name, value] : asked.headers) request.fields.emplace_back(name, value);
    request.fields.emplace_back("Content-Type", "application/json");
    ++wire_.requests;
    http::Response response = co_await route_of(asked.path)(request);
    if (wire_.trouble == Trouble::lost_after) co_return Error(Errc::outcome_unknown, "the connection was closed");
    http::ClientAnswer answer;
    answer.status = response.status;
    answer.content_type = response.content_type;
    answer.body = response.body;
    co_return answer;
  }

 private:
  const http::Handler& route_of(const std::string& path) const {
    for (const http::Route& route : routes_)
      if (route.pattern == path) return route.handler;
    throw std::logic_error("no route " + path);
  }

  Clock& clock_;
  std::vector<http::Route> routes_;
  Wire& wire_;
};

using Booked = order::Booked<order::TaggedOrder>;
using Why = order::Refusal::Why;

/// The four services on one virtual loop, without servers.
struct Shop {
  explicit Shop(OnFraudDown on_fraud_down = OnFraudDown::reject, bool with_outbox = false) : outbox(with_outbox) {
    SqliteOptions options;
    options.file = ":memory:";
    options.own_threads = false;
    options.signals = std::make_shared<database::Signals>();
    for (const char* service : {"order", "fraud", "notification", "audit"}) {
      options.new_log_id = service;
      stores[service] = make_sqlite_service_store(loop.context.get_executor(), loop.clock, options);
    }
    gate->set_block_on("HIGH");
    arrows = std::make_unique<Arrows>([this](const std::string& service) { return client_of(service); }, loop.clock, 1);
    control = make_memory_bus(loop.context.get_executor(), loop.clock, {});
    bus = make_table_bus(
        LoggedTables(stores["order"]->orders(), stores["audit"]->orders(), stores["notification"]->orders()), *control,
        loop.clock, "rest");
    live = std::make_unique<order::FeedReader>(*bus, loop.clock, topics::table(), "live",
                                               order::FeedReader::TakeStatus(), [] {});
    asio::co_spawn(loop.context, live->run(), asio::detached);
    loop.run_until([this] { return live->open(); });
    book = another_book(placings, on_fraud_down);
  }

  /// As that of another instance, or, with placings of its own, of another process.
  std::unique_ptr<RestOrderBook> another_book(KeyedPlacings& of, OnFraudDown on_fraud_down = OnFraudDown::reject) {
    return std::make_unique<RestOrderBook>(
        RestOrderBook::Parts{*stores["order"], loop.clock, *ids, *arrows, *live, of, on_fraud_down, outbox});
  }

  std::unique_ptr<http::Client> client_of(const std::string& service) {
    std::vector<http::Route> routes;
    if (service == "fraud") routes = fraud_routes(*stores["fraud"], loop.clock, gate);
    if (service == "notification") routes = notification_routes(*stores["notification"]);
    if (service == "audit") routes = audit_routes(*stores["audit"]);
    return std::make_unique<DirectClient>(loop.clock, std::move(routes), wires[service]);
  }

  order::Booked<order::TaggedOrder> place(const std::string& customer, std::optional<std::string_view> key = {}) {
    return finish(place_task(customer, key));
  }
  bool remove(std::string id) { return finish(remove_task(std::move(id))).has_value(); }
  Task<order::Booked<order::TaggedOrder>> remove_task(std::string id) {
    const OrderFields none;
    const order::OrderChange wanted{id, OrderAction::deleted, none, http::Conditions(http::Request()), {}};
    auto removed = co_await book->change(wanted);
    co_return removed;
  }
  /// For results that are none by default.
  template <class T>
  T finish(Task<T> task) {
    return std::move(loop.finish(held(std::move(task))).value());
  }
  template <class T>
  static Task<std::optional<T>> held(Task<T> task) {
    std::optional<T> result(co_await std::move(task));
    co_return result;
  }
  Task<order::Booked<order::TaggedOrder>> place_task(std::string customer, std::optional<std::string_view> key) {
    auto placed = co_await place_by(*book, std::move(customer), key);
    co_return placed;
  }
  static Task<order::Booked<order::TaggedOrder>> place_by(RestOrderBook& by, std::string customer,
                                                          std::optional<std::string_view> key) {
    const ParsedFields parsed =
        parse_new_order("{\"customerName\":\"" + customer + "\",\"item\":\"Pizza\",\"quantity\":1,\"price\":10}");
    const order::NewOrder wanted{parsed.fields, key, {}};
    auto placed = co_await by.place(wanted);
    co_return placed;
  }
  static Task<> place_with_key(RestOrderBook& by, std::string customer, std::optional<Booked>& answer) {
    auto placed = co_await place_by(by, std::move(customer), "key");
    answer.emplace(std::move(placed));
  }
  /// Begins a request with a key, which goes on while the loop runs.
  void begin(RestOrderBook& by, std::string customer, std::optional<Booked>& answer) {
    asio::co_spawn(loop.context, place_with_key(by, std::move(customer), answer), asio::detached);
  }

  std::vector<ConsumerRecord> read(const std::string& topic) {
    std::vector<ConsumerRecord> all;
    for (const TopicPartition& tp : partitions_of(topic)) {
      const auto page = loop.finish(bus->admin().read(tp, 0, ReadLimits())).value();
      all.insert(all.end(), page.records.begin(), page.records.end());
    }
    return all;
  }
  static std::vector<TopicPartition> partitions_of(const std::string& topic) {
    std::vector<TopicPartition> partitions;
    for (std::int32_t i = 0; i < (topic == "orders" ? 3 : 1); ++i) partitions.emplace_back(topic, i);
    return partitions;
  }
  std::multiset<std::string> told(const std::string& source) {
    std::multiset<std::string> actions;
    for (const ConsumerRecord& record : read("audit"))
      if (find_header(record.record->headers, "ce_source") == source)
        actions.insert(std::string(text_at(parse_json(*record.record->value())->as_object(), "action")));
    return actions;
  }
  std::int64_t jobs() { return loop.finish(stores["notification"]->jobs().counts()).value().ready; }

  VirtualLoop loop;
  bool outbox;
  std::unique_ptr<IdSource> ids = make_seeded_ids(1);
  std::map<std::string, std::unique_ptr<database::ServiceStore>> stores;
  std::map<std::string, Wire> wires;
  std::shared_ptr<monolith::FraudGate> gate = std::make_shared<monolith::FraudGate>();
  std::unique_ptr<Arrows> arrows;
  std::unique_ptr<EventBus> control;
  std::unique_ptr<EventBus> bus;
  std::unique_ptr<order::FeedReader> live;
  KeyedPlacings placings;
  std::unique_ptr<RestOrderBook> book;
};

}  // namespace foodorder::rest
