#include "dispatch.hpp"

#include "foodorder/http/conditions.hpp"
#include "foodorder/http/problems.hpp"
#include "text.hpp"

namespace foodorder::http {

namespace {

/// Who asks, and under which name: what keeps pages from elsewhere out.
std::optional<Response> check_client(const Guard& guard, const Message& message, bool any_host) {
  if (!any_host) {
    if (!message.has_host) return problem(400, "no Host field");
    if (auto refused = guard.check_host(message.host)) return refused;
  }
  return guard.check_origin(message);
}

Response answer_options(const Guard& guard, const Message& message, const std::string& allow) {
  Response answer(204, "", "");
  answer.headers.emplace_back("Allow", allow);
  guard.add_preflight(message, allow, answer);
  return answer;
}

/// What control changes has no entity tag. Orders judge the conditions of their writes themselves, and what is read is
/// judged by its answer.
std::optional<Response> check_conditions(const Route& route, const Request& request) {
  const bool changes = request.method != Method::get && request.method != Method::head;
  if (route.access != Access::control || route.judges_conditions || !changes) return {};
  if (Conditions(request).judge("") == Precondition::holds) return {};
  return precondition_failed(
      "this resource exists and has no entity tag: If-Match may be *, and If-None-Match must not");
}

/// What the route asks of a request besides its method.
std::optional<Response> check_route(const Guard& guard, const Route& route, const Request& request) {
  if (route.access == Access::control)
    if (auto refused = guard.check_token(request)) return refused;
  if (auto refused = refuse_headers(request)) return refused;
  return check_conditions(route, request);
}

}  // namespace

const Handler* dispatch(const ServerState& server, Message& message, Response& answer) {
  Request& request = message.request;
  bool well_formed = true;
  const Router::Place* const place = server.router.find(request, well_formed);
  if (auto refused = check_client(server.guard, message, place && place->any_host)) {
    answer = std::move(*refused);
    return nullptr;
  }
  const bool options = message.method_known && request.method == Method::options;
  if (options && request.path == "*") {
    answer = answer_options(server.guard, message, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    return nullptr;
  }
  if (!well_formed || !escapes_are_valid(request.path) || !escapes_are_valid(request.query_string)) {
    answer = problem(400, "a path or a query that is not UTF-8 with well-formed percent-escapes");
    return nullptr;
  }
  if (!place) {
    answer = problem(404, "there is nothing at this path");
    return nullptr;
  }
  const Route* const found = message.method_known ? place->route(request.method) : nullptr;
  if (!found && options) {
    answer = answer_options(server.guard, message, place->allow);
    return nullptr;
  }
  if (!found) {
    answer = problem(405, "allowed here: " + place->allow);
    answer.headers.emplace_back("Allow", place->allow);
    return nullptr;
  }
  if (auto refused = check_route(server.guard, *found, request)) {
    answer = std::move(*refused);
    return nullptr;
  }
  return &found->handler;
}

BodyAllowance allow_body(const ServerState& server, Message& message) {
  Request& request = message.request;
  bool well_formed = true;
  const Router::Place* const place = server.router.find(request, well_formed);
  request.path_parameters.clear();  // dispatch() finds them again
  const Route* const route = place && message.method_known ? place->route(request.method) : nullptr;
  const std::size_t usual = server.spec.limits.body_bytes;
  if (!route || !well_formed || route->body_max_bytes <= usual) return BodyAllowance(usual);
  if (auto refused = check_client(server.guard, message, place->any_host)) return BodyAllowance(std::move(*refused));
  if (auto refused = check_route(server.guard, *route, request)) return BodyAllowance(std::move(*refused));
  return BodyAllowance(route->body_max_bytes);
}

}  // namespace foodorder::http
