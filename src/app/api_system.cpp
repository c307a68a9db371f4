#include "api.hpp"

#include "foodorder/base/json.hpp"
#include "foodorder/base/yield.hpp"
#include "foodorder/http/problems.hpp"
#include "process_metrics.hpp"

#include <fmt/format.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace foodorder::app {

namespace {

constexpr std::size_t series_bytes = 200;  // of text, about

class System {
 public:
  explicit System(SystemParts parts) : parts_(std::move(parts)), gauges_(parts_.metrics, parts_.clock.now()) {}

  /// Only who may control gets here.
  Task<http::Response> access() {
    json::array links;
    for (const std::string& link : parts_.links()) links.emplace_back(link);
    co_return http::json_response(serialize_json(json::object{{"control", true}, {"links", std::move(links)}}));
  }

  Task<http::Response> live() { co_return http::Response(200, "text/plain; charset=utf-8", "ok\n"); }

  Task<http::Response> ready() {
    json::array modules;
    bool caught_up = parts_.control.directory().ready();
    std::string failed;
    for (const InstanceStatus& status : parts_.supervisor.statuses()) {
      const bool works = status.state == InstanceState::starting || status.state == InstanceState::running;
      if (works && !status.ready) caught_up = false;
      if (status.state == InstanceState::failed)
        failed = fmt::format("{} failed: {}", status.instance, status.error);
      else if (works && failed.empty())
        failed = status.error;
      json::object module{{"instance", status.instance}, {"state", to_string(status.state)}, {"ready", status.ready}};
      if (!status.error.empty()) module["error"] = status.error;
      modules.push_back(std::move(module));
    }
    json::object body{{"ready", false}, {"bus", parts_.bus.name()}, {"modules", std::move(modules)}};
    std::string elsewhere;
    if (parts_.add_readiness) elsewhere = co_await parts_.add_readiness(body);
    std::string trouble = reason(caught_up, failed);
    if (trouble.empty()) trouble = std::move(elsewhere);
    body["ready"] = trouble.empty();
    if (!trouble.empty()) body["reason"] = trouble;
    http::Response response = http::json_response(serialize_json(body), trouble.empty() ? 200 : 503);
    if (!trouble.empty()) http::retry_after(response);
    co_return response;
  }

  Task<http::Response> metrics() {
    const auto groups = co_await parts_.bus.admin().groups();
    if (groups) gauges_.set_groups(*groups);
    const auto topics = co_await parts_.bus.admin().topics();
    if (topics) gauges_.set_topics(*topics);
    if (parts_.update_metrics) co_await parts_.update_metrics();
    gauges_.set_process();
    gauges_.set_instances(parts_.supervisor.statuses());
    if (const http::ServerStats* stats = parts_.server_stats()) gauges_.set_http(*stats);
    std::string text;
    WorkPiece piece;
    for (const prometheus::MetricFamily& family : parts_.metrics.Collect()) {
      if (piece.add(family.metric.size() * series_bytes)) co_await yield();
      text += prometheus::TextSerializer().Serialize({family});
    }
    co_return http::Response(200, "text/plain; version=0.0.4; charset=utf-8", std::move(text));
  }

 private:
  std::string reason(bool caught_up, const std::string& failed) const {
    if (const auto trouble = parts_.bus.trouble()) return *trouble;
    if (std::string trouble = parts_.trouble(); !trouble.empty()) return trouble;
    if (!failed.empty()) return failed;
    return caught_up ? "" : "a module's view is still catching up with the log";
  }

  SystemParts parts_;
  ProcessMetrics gauges_;
};

}  // namespace

std::vector<http::Route> system_routes(SystemParts parts) {
  const auto system = std::make_shared<System>(std::move(parts));
  const auto get = http::Method::get;
  std::vector<http::Route> routes;
  routes.emplace_back(get, "/livez", [system](http::Request&) { return system->live(); }, http::Access::probe);
  routes.emplace_back(get, "/readyz", [system](http::Request&) { return system->ready(); }, http::Access::probe);
  routes.emplace_back(get, "/metrics", [system](http::Request&) { return system->metrics(); }, http::Access::probe);
  routes.emplace_back(get, "/api/access", [system](http::Request&) { return system->access(); }, http::Access::control);
  return routes;
}

}  // namespace foodorder::app
