#include "api.hpp"
#include "foodorder/domain/json.hpp"

#include <fmt/format.h>

namespace foodorder::app {

namespace {

constexpr std::string_view actions[] = {"start", "stop", "crash", "pause", "resume", "replay"};

http::Response no_instance(std::string_view instance) {
  return http::problem(404, "", "Not Found", fmt::format("there is no module instance {}", instance));
}

http::Response refused(std::string_view code, const std::string& message) {
  if (code == to_string(Errc::invalid_argument) || code == to_string(Errc::not_found))
    return http::problem(422, "", "Unprocessable Content", message);
  if (code == to_string(Errc::unsupported)) return http::problem(409, "", "Conflict", message);
  http::Response response = http::problem(503, "", "Service Unavailable", message);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

http::Response malformed(std::string_view why) {
  return http::problem(400, "", "Bad Request", fmt::format("the body must be a JSON object: {}", why));
}

bool is_json(const http::Request& request) {
  return request.header("Content-Type").value_or("").starts_with("application/json");
}

http::Response not_json() {
  return http::problem(415, "", "Unsupported Media Type", "send the body as Content-Type: application/json");
}

/// The object that a body holds, or the answer that says why it holds none.
std::optional<http::Response> read_object(const http::Request& request, json::object& object) {
  if (!is_json(request)) return not_json();
  auto parsed = parse_json(request.body);
  if (!parsed) return malformed(parsed.error().message);
  if (!parsed->is_object()) return malformed("it is another value");
  object = std::move(parsed->get_object());
  return {};
}

/// `{"settings": {...}}` as GET shows it; the bare settings are taken, too.
json::object settings_in(const json::object& body) {
  const json::value* settings = body.if_contains("settings");
  return settings && settings->is_object() ? settings->get_object() : body;
}

class Modules {
 public:
  explicit Modules(ControlPlane& control) : control_(control) {}

  Task<http::Response> list() {
    json::array all;
    for (json::object& module : control_.modules()) all.push_back(std::move(module));
    co_return http::json_response(serialize_json(all));
  }

  Task<http::Response> show(http::Request& request) {
    const auto module = control_.module(request.path_parameter("instance"));
    if (!module) co_return no_instance(request.path_parameter("instance"));
    co_return http::json_response(serialize_json(*module));
  }

  Task<http::Response> add(http::Request& request) {
    json::object body;
    if (auto wrong = read_object(request, body)) co_return std::move(*wrong);
    const json::value* kind = body.if_contains("kind");
    if (!kind || !kind->is_string()) {
      const std::vector<http::ProblemField> errors(1, http::ProblemField("kind", "must name a module"));
      co_return http::problem(422, "", "Unprocessable Content", "which kind of module?", errors);
    }
    const std::string name(kind->get_string());
    json::object settings;
    if (const json::value* given = body.if_contains("settings"); given && given->is_object())
      settings = given->get_object();
    const auto added = co_await control_.add(name, std::move(settings));
    if (!added) co_return refused(to_string(added.error().code), added.error().message);
    http::Response response = http::json_response(serialize_json(*added), 201);
    response.headers.emplace_back("Location",
                                  fmt::format("/api/modules/{}", added->at("instance").get_string().c_str()));
    co_return response;
  }

  Task<http::Response> configure(http::Request& request) {
    json::object body;
    if (auto wrong = read_object(request, body)) co_return std::move(*wrong);
    http::Response response = co_await command(request, "configure", settings_in(body));
    co_return response;
  }

  Task<http::Response> act(http::Request& request) {
    const std::string action(request.path_parameter("action"));
    if (std::find(std::begin(actions), std::end(actions), action) == std::end(actions))
      co_return http::problem(404, "", "Not Found",
                              fmt::format("there is no action {}: it is one of {}", action, fmt::join(actions, ", ")));
    json::object none;
    http::Response response = co_await command(request, action, std::move(none));
    co_return response;
  }

  Task<http::Response> report(std::string_view kind) {
    const auto report = control_.report_of(kind);
    if (!report) {
      http::Response response =
          http::problem(503, "module-not-running", "Service Unavailable", fmt::format("no {} module is running", kind));
      response.headers.emplace_back("Retry-After", "1");
      co_return response;
    }
    co_return http::json_response(serialize_json(*report));
  }

 private:
  Task<http::Response> command(const http::Request& request, std::string action, json::object settings) {
    const std::string instance(request.path_parameter("instance"));
    if (!control_.module(instance)) co_return no_instance(instance);
    const CommandOutcome outcome = co_await control_.command(instance, action, std::move(settings));
    if (!outcome.answered)
      co_return http::json_response(
          serialize_json(json::object{{"instance", instance}, {"action", action}, {"answered", false}}), 202);
    if (!outcome.error_code.empty()) co_return refused(outcome.error_code, outcome.error);
    co_return http::json_response(serialize_json(outcome.status));
  }

  ControlPlane& control_;
};

}  // namespace

std::vector<http::Route> module_routes(ControlPlane& control) {
  using http::Access;
  using http::Method;
  const auto modules = std::make_shared<Modules>(control);
  std::vector<http::Route> routes;
  routes.emplace_back(Method::get, "/api/modules", [modules](http::Request&) { return modules->list(); });
  routes.emplace_back(
      Method::post, "/api/modules", [modules](http::Request& r) { return modules->add(r); }, Access::control);
  routes.emplace_back(Method::get, "/api/modules/{instance}", [modules](http::Request& r) { return modules->show(r); });
  routes.emplace_back(
      Method::patch, "/api/modules/{instance}", [modules](http::Request& r) { return modules->configure(r); },
      Access::control);
  routes.emplace_back(
      Method::post, "/api/modules/{instance}/{action}", [modules](http::Request& r) { return modules->act(r); },
      Access::control);
  routes.emplace_back(Method::get, "/api/stats", [modules](http::Request&) { return modules->report("analytics"); });
  routes.emplace_back(Method::get, "/api/fraud", [modules](http::Request&) { return modules->report("fraud"); });
  return routes;
}

void append(std::vector<http::Route>& routes, std::vector<http::Route> more) {
  std::move(more.begin(), more.end(), std::back_inserter(routes));
}

}  // namespace foodorder::app
