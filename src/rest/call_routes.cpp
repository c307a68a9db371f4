#include "call_routes.hpp"

#include "foodorder/http/problems.hpp"
#include "http/json_body.hpp"

#include <fmt/format.h>

namespace foodorder::rest {

namespace {

constexpr std::int64_t delay_max_ms = 60'000;

using Problems = std::vector<http::ProblemField>;

/// What `body` changes in `fault`.
void read_fault(const json::object& body, calls::Fault& fault, Problems& problems) {
  http::check_fields(body, {"refuse", "delayMs", "failRate"}, problems);
  if (const json::value* refuse = body.if_contains("refuse")) {
    if (!refuse->is_bool()) problems.emplace_back("refuse", "refuse must be true or false");
    fault.refuse = refuse->is_bool() && refuse->get_bool();
  }
  if (const json::value* delay = body.if_contains("delayMs")) {
    const std::int64_t millis = delay->is_int64() ? delay->get_int64() : -1;
    if (millis < 0 || millis > delay_max_ms)
      problems.emplace_back("delayMs", fmt::format("delayMs must be a whole number from 0 to {}", delay_max_ms));
    fault.delay = std::chrono::milliseconds(millis);
  }
  if (const json::value* rate = body.if_contains("failRate")) {
    const double share = rate->is_number() ? rate->to_number<double>() : -1;
    if (!(share >= 0 && share <= 1)) problems.emplace_back("failRate", "failRate must be a number from 0 to 1");
    fault.fail_rate = share;
  }
}

/// `here=true` is how another process asks, which is not asked in turn.
Task<http::Response> tree(const Arrows& arrows, RemoteCalls& remote, const http::Request& request) {
  const std::string id(request.path_parameter("id"));
  std::optional<json::object> found = arrows.trees.of(id);
  json::array missing = remote.all_missing();
  if (request.query("here") != "true") missing = co_await remote.add_calls(id, found);
  if (!found) co_return http::not_found("calls-not-found", fmt::format("no calls for an order {} are kept", id));
  (*found)["missing"] = std::move(missing);
  co_return http::json_response(serialize_json(*found));
}

Task<http::Response> patch(Arrows& arrows, RemoteCalls& remote, http::Request& request) {
  const std::string_view name = request.path_parameter("arrow");
  TrackedArrow* const arrow = arrows.find(name);
  if (!arrow && !remote.has(name))
    co_return http::not_found("arrow-not-found", fmt::format("no service of this process calls along {}", name));
  json::object body;
  if (auto wrong = http::read_object(request, body)) co_return std::move(*wrong);
  calls::Fault fault = arrow ? arrow->caller->fault() : calls::Fault();
  Problems problems;
  read_fault(body, fault, problems);
  if (!problems.empty()) co_return http::unprocessable(problems);
  if (!arrow) {
    http::Response passed_on = co_await remote.patch(std::string(name), request);
    co_return passed_on;
  }
  arrow->caller->set_fault(fault);
  co_return http::json_response(serialize_json(to_json(*arrow)));
}

}  // namespace

std::vector<http::Route> call_routes(Arrows& arrows, RemoteCalls& remote) {
  std::vector<http::Route> routes;
  routes.emplace_back(http::Method::get, "/api/orders/{id}/calls",
                      [&arrows, &remote](http::Request& request) { return tree(arrows, remote, request); });
  routes.emplace_back(
      http::Method::patch, "/api/calls/{arrow}",
      [&arrows, &remote](http::Request& request) { return patch(arrows, remote, request); }, http::Access::control);
  return routes;
}

}  // namespace foodorder::rest
