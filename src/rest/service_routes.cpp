#include "service_routes.hpp"

#include "foodorder/http/problems.hpp"
#include "messages.hpp"

namespace foodorder::rest {

namespace {

http::Response malformed(const Error& error) { return http::problem(400, error.message); }

http::Response failed(const Error& error) {
  if (error.code == Errc::invalid_argument) return malformed(error);
  return http::unavailable(error.code == Errc::queue_full ? "queue-full" : "database-unavailable", error.message);
}

http::Response wrong_type() {
  return http::unsupported_media_type("unsupported-media-type", "an event is given as application/json in UTF-8");
}

bool has_json_body(const http::Request& request) {
  return http::is_json_content_type(request.header("Content-Type").value_or(""));
}

Task<http::Response> check(database::ServiceStore& store, Clock& clock, std::shared_ptr<const monolith::FraudGate> gate,
                           http::Request& request) {
  if (!has_json_body(request)) co_return wrong_type();
  auto write = order_write_of(request);
  if (!write) co_return malformed(write.error());
  database::NewOrder order;
  order.write = std::move(*write);
  for (int time = 0; time < database::times_per_write; ++time) order.write.time = clock.stamp();
  order.write.time -= Duration(database::times_per_write - 1);
  order.window = gate->limits().window;
  order.decide = gate->decide(order.write.event);
  const auto checked = co_await store.services().check(std::move(order));
  if (!checked) co_return failed(checked.error());
  co_return http::json_response(checked->verdict.body);
}

Task<http::Response> notify(database::ServiceStore& store, http::Request& request) {
  if (!has_json_body(request)) co_return wrong_type();
  auto write = order_write_of(request);
  if (!write) co_return malformed(write.error());
  const auto taken = co_await store.services().notify(std::move(*write));
  if (!taken) co_return failed(taken.error());
  co_return receipt(*taken, 202);
}

Task<http::Response> audit(database::ServiceStore& store, http::Request& request) {
  if (!has_json_body(request)) co_return wrong_type();
  auto event = logged_event_of(request);
  if (!event) co_return malformed(event.error());
  const auto taken = co_await store.services().log(std::move(*event));
  if (!taken) co_return failed(taken.error());
  co_return receipt(*taken, *taken ? 201 : 200);
}

std::vector<http::Route> one_route(std::string path, http::Handler handler) {
  std::vector<http::Route> routes;
  routes.emplace_back(http::Method::post, std::move(path), std::move(handler));
  routes.emplace_back(
      http::Method::get, "/livez", [](http::Request&) -> Task<http::Response> { co_return http::json_response("{}"); },
      http::Access::probe);
  return routes;
}

}  // namespace

std::vector<http::Route> fraud_routes(database::ServiceStore& store, Clock& clock,
                                      std::shared_ptr<const monolith::FraudGate> gate) {
  return one_route("/check", [&store, &clock, gate = std::move(gate)](http::Request& request) {
    return check(store, clock, gate, request);
  });
}

std::vector<http::Route> notification_routes(database::ServiceStore& store) {
  return one_route("/notify", [&store](http::Request& request) { return notify(store, request); });
}

std::vector<http::Route> audit_routes(database::ServiceStore& store) {
  return one_route("/audit", [&store](http::Request& request) { return audit(store, request); });
}

}  // namespace foodorder::rest
