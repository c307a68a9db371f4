#include "api.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/utf8.hpp"
#include "request_body.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::app {

namespace {

constexpr std::string_view actions[] = {"start", "stop", "crash", "pause", "resume", "replay"};

http::Response no_instance(std::string_view instance) {
  return http::not_found("", fmt::format("there is no module instance {}", shortened(instance)));
}

/// What the instance itself says no to: its state does not allow the action.
http::Response refused(std::string_view code, const std::string& message) {
  if (code == to_string(Errc::invalid_argument) || code == to_string(Errc::unsupported))
    return http::problem(409, message);
  if (code == to_string(Errc::not_found)) return http::not_found("", message);
  return http::unavailable("", message);
}

/// The object `settings` of a body; empty if it has none.
json::object take_settings(json::object& body, Problems& problems) {
  json::value* settings = body.if_contains("settings");
  if (!settings) return {};
  if (settings->is_object()) return std::move(settings->get_object());
  problems.emplace_back("settings", "settings must be an object of setting names and values");
  return {};
}

class Modules {
 public:
  Modules(ControlPlane& control, const Supervisor& supervisor) : control_(control), supervisor_(supervisor) {}

  Task<http::Response> list() {
    json::array all;
    for (json::object& module : control_.directory().modules()) all.push_back(std::move(module));
    co_return http::json_response(serialize_json(all));
  }

  Task<http::Response> show(http::Request& request) {
    const auto module = control_.directory().module(request.path_parameter("instance"));
    if (!module) co_return no_instance(request.path_parameter("instance"));
    co_return http::json_response(serialize_json(*module));
  }

  Task<http::Response> add(http::Request& request) {
    json::object body;
    if (auto wrong = read_object(request, body)) co_return std::move(*wrong);
    Problems problems;
    check_fields(body, {"kind", "settings"}, problems);
    const ModuleKind* kind = kind_in(body, problems);
    json::object settings = take_settings(body, problems);
    if (kind) check_settings(kind->settings, settings, "settings.", problems);
    if (!problems.empty()) co_return unprocessable(problems);
    if (!control_.directory().ready())
      co_return http::unavailable("bus-unavailable", "the instances of the other processes are not known yet");
    const auto added = co_await control_.add(kind->name, std::move(settings));
    if (!added) co_return refused(to_string(added.error().code), added.error().message);
    http::Response response = http::json_response(serialize_json(*added), 201);
    response.headers.emplace_back("Location",
                                  fmt::format("/api/modules/{}", added->at("instance").get_string().c_str()));
    co_return response;
  }

  Task<http::Response> configure(http::Request& request) {
    json::object body;
    if (auto wrong = read_object(request, body)) co_return std::move(*wrong);
    const auto module = control_.directory().module(request.path_parameter("instance"));
    if (!module) co_return no_instance(request.path_parameter("instance"));
    // `{"settings": {...}}` as GET shows it; the bare settings are taken, too.
    Problems problems;
    const bool bare = !body.contains("settings");
    if (!bare) check_fields(body, {"settings"}, problems);
    json::object settings = bare ? std::move(body) : take_settings(body, problems);
    // A kind that only another process knows is checked there.
    if (const ModuleKind* kind = supervisor_.find_kind(text_at(*module, "kind")))
      check_settings(kind->settings, settings, bare ? "" : "settings.", problems);
    if (!problems.empty()) co_return unprocessable(problems);
    http::Response response = co_await command(request, "configure", std::move(settings));
    co_return response;
  }

  Task<http::Response> act(http::Request& request) {
    const std::string action(request.path_parameter("action"));
    if (std::find(std::begin(actions), std::end(actions), action) == std::end(actions))
      co_return http::not_found(
          "", fmt::format("there is no action {}: it is one of {}", shortened(action), fmt::join(actions, ", ")));
    json::object none;
    http::Response response = co_await command(request, action, std::move(none));
    co_return response;
  }

  Task<http::Response> report(std::string_view kind) {
    std::optional<json::object> report = control_.directory().report_of(kind);
    for (InstanceStatus& status : supervisor_.statuses())  // one in this process need not wait for its next status
      if (status.kind == kind && status.ready) report = std::move(status.report);
    if (!report) co_return http::unavailable("module-not-running", fmt::format("no {} module is ready", kind));
    co_return http::json_response(serialize_json(*report));
  }

 private:
  const ModuleKind* kind_in(const json::object& body, Problems& problems) const {
    const ModuleKind* kind = supervisor_.find_kind(text_at(body, "kind"));
    std::vector<std::string_view> names;
    for (const ModuleKind& known : supervisor_.kinds()) names.push_back(known.name);
    if (!kind) problems.emplace_back("kind", fmt::format("kind must be one of {}", fmt::join(names, ", ")));
    return kind;
  }

  Task<http::Response> command(const http::Request& request, std::string action, json::object settings) {
    const std::string instance(request.path_parameter("instance"));
    if (!control_.directory().module(instance)) co_return no_instance(instance);
    const CommandOutcome outcome = co_await control_.command(instance, action, std::move(settings));
    if (!outcome.answered)
      co_return http::json_response(
          serialize_json(json::object{{"instance", instance}, {"action", action}, {"answered", false}}), 202);
    const bool wrong_setting =
        outcome.error_code == to_string(Errc::invalid_argument) || outcome.error_code == to_string(Errc::not_found);
    if (action == "configure" && wrong_setting)
      co_return unprocessable(Problems(1, http::ProblemField("settings", outcome.error)));
    if (!outcome.error_code.empty()) co_return refused(outcome.error_code, outcome.error);
    co_return http::json_response(serialize_json(outcome.status));
  }

  ControlPlane& control_;
  const Supervisor& supervisor_;
};

}  // namespace

std::vector<http::Route> module_routes(ControlPlane& control, const Supervisor& supervisor) {
  using http::Access;
  using http::Method;
  const auto modules = std::make_shared<Modules>(control, supervisor);
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
