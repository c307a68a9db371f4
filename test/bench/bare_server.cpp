#include "bare_server.hpp"

#include "foodorder/base/ids.hpp"
#include "foodorder/base/time.hpp"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace foodorder::bench {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace json = boost::json;
using asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(asio::deferred);

struct StoredOrder {
  std::string customer_name;
  std::string item;
  std::int64_t quantity = 0;
  double price = 0;
  std::chrono::system_clock::time_point created_at;
};

struct Placed {
  const std::string& id;
  std::string order;  ///< its JSON, the body of the answer
};

class Orders {
 public:
  /// Keeps the order of a request's body.
  Placed place(std::string_view body) {
    unsigned char memory[2048];
    json::monotonic_resource resource(memory);
    const json::value request = json::parse(body, &resource);
    StoredOrder order;
    order.customer_name = request.at("customerName").as_string();
    order.item = request.at("item").as_string();
    order.quantity = request.at("quantity").to_number<std::int64_t>();
    order.price = request.at("price").to_number<double>();
    order.created_at = std::chrono::system_clock::now();
    const auto [place, is_new] = orders_.try_emplace(ids_->uuid(), std::move(order));
    return Placed{place->first, to_json(place->first, place->second)};
  }
  [[nodiscard]] std::size_t size() const noexcept { return orders_.size(); }

 private:
  static std::string to_json(const std::string& id, const StoredOrder& order) {
    using namespace std::chrono;
    const auto created = to_iso_millis(time_point_cast<Duration>(order.created_at));
    return fmt::format(
        R"({{"id":"{}","customerName":{},"item":{},"quantity":{},"price":{},"status":"created","createdAt":"{}"}})", id,
        json::serialize(json::string_view(order.customer_name)), json::serialize(json::string_view(order.item)),
        order.quantity, order.price, created.view());
  }

  std::unique_ptr<IdSource> ids_ = make_system_ids();
  std::unordered_map<std::string, StoredOrder> orders_;
};

std::string answer(std::string_view status, std::string_view body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", status,
                     body.size(), body);
}

/// What all connections share.
struct Shop {
  Orders orders;
  BeforeAnswer before_answer;
  Tell tell;
};

asio::awaitable<void> serve(tcp::socket socket, Shop& shop) {
  beast::flat_buffer buffer;
  for (;;) {
    beast::http::request<beast::http::string_body> request;
    const auto [error, bytes] = co_await beast::http::async_read(socket, buffer, request, as_result);
    if (error) co_return;
    std::string response;
    if (request.method() == beast::http::verb::post) {
      const Placed placed = shop.orders.place(request.body());
      if (shop.before_answer) co_await shop.before_answer(placed.id, placed.order);
      response = answer("201 Created", placed.order);
    } else {
      response = answer("200 OK", fmt::format("{} {}", shop.orders.size(), shop.tell ? shop.tell() : ""));
    }
    const auto [write_error, written] = co_await asio::async_write(socket, asio::buffer(response), as_result);
    if (write_error) co_return;
  }
}

asio::awaitable<void> listen(tcp::acceptor& acceptor, Shop& shop) {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(as_result);
    if (error) co_return;
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), shop), asio::detached);
  }
}

}  // namespace

void run_bare_server(asio::io_context& loop, std::uint16_t port, BeforeAnswer before_answer, Tell tell) {
  Shop shop{Orders(), std::move(before_answer), std::move(tell)};
  tcp::acceptor acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), port));
  asio::co_spawn(loop, listen(acceptor, shop), asio::detached);
  loop.run();
}

}  // namespace foodorder::bench
