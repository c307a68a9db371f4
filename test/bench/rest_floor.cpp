// The least that an order over REST takes, on one thread: the bare server, which answers when three bare requests over
// loopback were answered, and sends two more behind them; and for each request the transaction that the program makes
// of it, with the program's own statements. What comes to a database in one turn of the loop shares a commit.
//   rest_floor PORT FOLDER
#include "bare_server.hpp"
#include "bare_worker.hpp"
#include "database_sqlite/order_tables.hpp"
#include "database_sqlite/schema.hpp"
#include "database_sqlite/service_rows.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/base/park.hpp"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using namespace foodorder;
using namespace foodorder::database;
namespace beast = boost::beast;
using asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(asio::deferred);
constexpr std::size_t jobs_max = 50;
constexpr const char* trace_id = "0af7651916cd43dd8448eb211c80319c";

/// A database on the loop.
class File {
 public:
  File(asio::io_context& loop, const std::string& folder, const char* service)
      : loop_(loop),
        connection(open_for_writing(fmt::format("{}/{}.db", folder, service), Durability::process, "bench",
                                    "0123456789abcdef")) {}

  /// Completes when it is committed.
  Task<> write(std::function<void()> what) {
    if (waiting_.empty()) asio::post(loop_, [this] { commit(); });
    Entry& entry = waiting_.emplace_back(std::move(what));
    co_await park<Wake>([&](Waiter<Wake> waiter) { entry.done = std::move(waiter); });
  }

 private:
  struct Entry {
    explicit Entry(std::function<void()> how) : what(std::move(how)) {}

    std::function<void()> what;
    Waiter<Wake> done;
  };

  void commit() {
    SQLite::Transaction transaction(connection->database(), SQLite::TransactionBehavior::IMMEDIATE);
    for (const Entry& entry : waiting_) entry.what();
    transaction.commit();
    for (const Entry& entry : std::exchange(waiting_, {})) entry.done.complete(Wake{});
  }

  asio::io_context& loop_;
  std::deque<Entry> waiting_;

 public:
  std::unique_ptr<Connection> connection;
};

/// A service that answers all requests alike, after the work that each of them names by its `ce-id`.
class Service {
 public:
  using Work = std::function<Task<>(std::string id)>;

  Service(asio::io_context& loop, std::string path, std::string answer, Work work)
      : loop_(loop),
        path_(std::move(path)),
        answer_(fmt::format("HTTP/1.1 200 OK\r\nDate: Sun, 29 Nov 2026 11:00:00 GMT\r\nContent-Type: "
                            "application/json\r\nContent-Length: {}\r\n\r\n{}",
                            answer.size(), answer)),
        work_(std::move(work)),
        acceptor_(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    asio::co_spawn(loop_, listen(), asio::detached);
  }

  Task<> call(std::string id, std::string body) {
    std::shared_ptr<tcp::socket> socket;
    if (idle_.empty()) {
      socket = std::make_shared<tcp::socket>(loop_);
      co_await socket->async_connect(acceptor_.local_endpoint(), asio::deferred);
      socket->set_option(tcp::no_delay(true));
    } else {
      socket = std::move(idle_.back());
      idle_.pop_back();
    }
    // The fields of a call of the program.
    const std::string request = fmt::format(
        "POST {} HTTP/1.1\r\nHost: 127.0.0.1:40000\r\nX-Deadline-Ms: 300\r\nce-specversion: 1.0\r\nce-id: "
        "{}\r\nce-source: order-service\r\nce-type: foodorder.order.created\r\n"
        "ce-time: 2026-11-29T11:00:00.000000Z\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        "\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        path_, id, body.size(), body);
    co_await asio::async_write(*socket, asio::buffer(request), asio::deferred);
    beast::flat_buffer buffer;
    beast::http::response<beast::http::string_body> response;
    co_await beast::http::async_read(*socket, buffer, response, asio::deferred);
    idle_.push_back(std::move(socket));
  }

 private:
  Task<> listen() {
    for (;;) {
      auto [error, socket] = co_await acceptor_.async_accept(as_result);
      if (error) co_return;
      socket.set_option(tcp::no_delay(true));
      asio::co_spawn(loop_, serve(std::move(socket)), asio::detached);
    }
  }

  Task<> serve(tcp::socket socket) {
    beast::flat_buffer buffer;
    for (;;) {
      beast::http::request<beast::http::string_body> request;
      const auto [error, bytes] = co_await beast::http::async_read(socket, buffer, request, as_result);
      if (error) co_return;
      std::string id(request["ce-id"]);
      co_await work_(std::move(id));
      const auto [failed, written] = co_await asio::async_write(socket, asio::buffer(answer_), as_result);
      if (failed) co_return;
    }
  }

  asio::io_context& loop_;
  const std::string path_;
  const std::string answer_;
  const Work work_;
  tcp::acceptor acceptor_;
  std::vector<std::shared_ptr<tcp::socket>> idle_;
};

class Shop {
 public:
  Shop(asio::io_context& loop, const std::string& folder)
      : loop_(loop),
        orders_(loop, folder, "order"),
        fraud_(loop, folder, "fraud"),
        notification_(loop, folder, "notification"),
        audit_(loop, folder, "audit") {}

  Task<> place(std::string id, const std::string& json) {
    const OrderWrite& write = writes_[id] = write_of(id);
    const std::string event =
        fmt::format(R"({{"action":"created","order":{},"timestamp":"2026-11-29T11:00:00.000Z"}})", json);
    co_await check_.call(id, event);
    std::function<void()> insert = [this, &write] {
      NewOrder order;
      order.write = write;
      order_tables_.place(order, limits_);
    };
    co_await orders_.write(std::move(insert));
    asio::co_spawn(loop_, tell(id, "FRAUD_CHECK_PASSED", verdict_), asio::detached);
    // One after the other: the same work as both at once.
    co_await notify_.call(id, event);
    co_await tell(id, "created", event);
  }

 private:
  OrderWrite write_of(const std::string& id) {
    OrderWrite write;
    Order& order = write.event.order;
    order.id = id;
    order.customer_name = fmt::format("Customer {}", ++placed_ % 5'000);
    order.item = "Margherita";
    order.quantity = 2;
    order.price_cents = 1'250;
    order.status = "created";
    write.event.timestamp = order.created_at = clock_->now();
    write.event_id = id;
    write.trace_id = trace_id;
    for (int time = 0; time < times_per_write; ++time) write.time = clock_->stamp();
    write.adds_job = false;
    return write;
  }

  /// The audit service of an event of that order.
  Task<> tell(std::string order, std::string action, std::string body) {
    LoggedEvent event;
    event.id = ids_->uuid();
    event.cause_id = order;
    event.trace_id = trace_id;
    event.order_id = std::move(order);
    event.source = "order-service";
    event.action = std::move(action);
    event.body = body;
    event.at = clock_->now();
    std::string id = event.id;
    told_.emplace(id, std::move(event));
    co_await log_.call(std::move(id), std::move(body));
  }

  Task<> check(std::string id) {
    std::function<void()> judge = [this, &write = writes_.at(id)] {
      NewOrder order;
      order.write = write;
      order.window = std::chrono::minutes(1);
      order.decide = [this](const RecentOrders&) {
        Verdict verdict;
        verdict.action = "FRAUD_CHECK_PASSED";
        verdict.body = verdict_;
        return verdict;
      };
      fraud_tables_.check(order);
    };
    co_await fraud_.write(std::move(judge));
  }

  Task<> notify(std::string id) {
    std::function<void()> add = [this, &write = writes_.at(id)] { add_notification(*notification_.connection, write); };
    co_await notification_.write(std::move(add));
    waiting_.push_back(std::move(id));
    if (waiting_.size() == 1) asio::co_spawn(loop_, work_off(), asio::detached);
  }

  Task<> log(std::string id) {
    auto told = told_.extract(id);
    std::function<void()> add = [this, &event = told.mapped()] { log_event(*audit_.connection, event); };
    co_await audit_.write(std::move(add));
  }

  /// As many jobs as there are.
  Task<> work_off() {
    while (!waiting_.empty()) {
      const std::size_t count = std::min(waiting_.size(), jobs_max);
      std::vector<JobResult> results;
      std::function<void()> lease = [&] { results = worker_.lease(count); };
      co_await notification_.write(std::move(lease));
      std::function<void()> finish = [&] { worker_.finish(results); };
      co_await notification_.write(std::move(finish));
      for (std::size_t i = 0; i < results.size(); ++i) {
        asio::co_spawn(loop_, tell(waiting_[i], "NOTIFIED", results[i].body), asio::detached);
        writes_.erase(waiting_[i]);
      }
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    }
  }

  asio::io_context& loop_;
  std::unique_ptr<Clock> clock_ = make_system_clock(loop_.get_executor());
  std::unique_ptr<IdSource> ids_ = make_system_ids();
  File orders_;
  File fraud_;
  File notification_;
  File audit_;
  OrderTables order_tables_{*orders_.connection, FraudQuery::indexed};
  OrderTables fraud_tables_{*fraud_.connection, FraudQuery::indexed};
  bench::BareWorker worker_{*notification_.connection, *clock_, *ids_};
  Limits limits_ = [] {
    Limits limits;
    limits.orders_max = 1'000'000'000;
    return limits;
  }();
  const std::string verdict_ =
      R"({"source":"fraud-service","action":"FRAUD_CHECK_PASSED","orderId":"6ba7b810-9dad-11d1-80b4-00c04fd430c8",)"
      R"("customerName":"Customer 1234","alerts":[],"windowStats":{"customerOrdersInWindow":1,)"
      R"("globalOrdersInWindow":12345},"timestamp":"2026-11-29T11:00:00.000Z"})";
  Service check_{loop_, "/check", verdict_, [this](std::string id) { return check(std::move(id)); }};
  Service notify_{loop_, "/notify", R"({"taken":true})", [this](std::string id) { return notify(std::move(id)); }};
  Service log_{loop_, "/audit", R"({"taken":true})", [this](std::string id) { return log(std::move(id)); }};
  std::unordered_map<std::string, OrderWrite> writes_;  ///< of orders that are not notified yet
  std::unordered_map<std::string, LoggedEvent> told_;   ///< that are on their way
  std::vector<std::string> waiting_;                    ///< ids of orders
  std::size_t placed_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    fmt::print(stderr, "usage: rest_floor PORT FOLDER\n");
    return 2;
  }
  asio::io_context loop(1);
  Shop shop(loop, arguments[2]);
  bench::run_bare_server(loop, static_cast<std::uint16_t>(std::atoi(arguments[1])),
                         [&](const std::string& id, const std::string& order) { return shop.place(id, order); });
}
