#include "service_module.hpp"

#include "foodorder/base/join.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/http/problems.hpp"
#include "messages.hpp"
#include "runtime/faults.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::rest {

namespace {

constexpr Duration drain_max = std::chrono::seconds(1);
constexpr Duration linger_max = std::chrono::seconds(1);
constexpr Duration look_interval = std::chrono::milliseconds(20);

class ServiceModule final : public Module {
 public:
  ServiceModule(const ModuleContext& context, ServiceParts parts)
      : instance_id_(context.instance_id),
        clock_(context.clock),
        faults_(context.instance_id, context.seed),
        parts_(std::move(parts)) {
    if (parts_.answers_fail) faults_.configure(context.settings);
  }

  Task<> run() override {
    if (parts_.companion) co_await parts_.companion->prepare();
    if (parts_.called_here) listen();
    begun_ = true;
    std::vector<Task<>> parts;
    parts.push_back(serve_and_work());
    parts.push_back(drain_when_stopped());
    if (parts_.companion) parts.push_back(parts_.companion->run());
    co_await join(std::move(parts));
  }

  void stop() override {
    stopping_ = true;
    stopped_.set();
    resumed_.notify_all();
    parts_.worker->stop();
  }

  void pause(bool paused) override {
    paused_ = paused;
    parts_.worker->pause(paused);
    if (!paused) resumed_.notify_all();
  }

  void configure(const Settings& settings) override {
    if (parts_.answers_fail) faults_.configure(settings);
    parts_.worker->configure(settings);
  }
  /// A caller waits for a certain time, which answer() knows.
  bool fails_itself() const override { return true; }
  bool ready() const override { return begun_ && parts_.worker->ready(); }

  json::object report() const override {
    json::object report = parts_.worker->report();
    if (!begun_) return report;
    json::object service{{"requests", requests_ + (server_ ? server_->stats().requests_total : 0)}};
    if (server_) service["address"] = fmt::format("127.0.0.1:{}", server_->port());
    report["service"] = std::move(service);
    return report;
  }

  /// A request that came to the port of the process.
  Task<http::Response> handle(http::Request& request) {
    ++requests_;
    const std::shared_ptr<const void> under_way = under_way_;
    const auto route = std::ranges::find(parts_.routes, request.path, &http::Route::pattern);
    http::Response response = co_await answer(route->handler, request);
    co_return response;
  }

 private:
  /// After a restart on the same port: its address is known to the others.
  void listen() {
    http::ServerSpec spec;
    const auto before = parts_.addresses.of(parts_.service, instance_id_);
    if (before) spec.port = before->port;
    std::vector<http::Route> routes = parts_.routes;
    for (http::Route& route : routes)
      route.handler = [this, handler = route.handler](http::Request& request) { return answer(handler, request); };
    server_ = parts_.network.server(clock_, spec, std::move(routes));
    parts_.addresses.set(parts_.service, instance_id_, http::Address("127.0.0.1", server_->port()));
    log::info("{} listens on 127.0.0.1:{}", instance_id_, server_->port());
  }

  Task<http::Response> answer(const http::Handler& handler, http::Request& request) {
    const auto deadline = deadline_of(request, clock_.now());
    while (paused_ && !stopping_) co_await resumed_.wait();
    if (faults_.delay() > Duration::zero()) co_await sleep_for(clock_, faults_.delay());
    if (faults_.fails()) co_return http::unavailable("injected-fault", "it fails: its faultRate asks for it");
    if (deadline && clock_.now() >= *deadline)
      co_return http::problem(504, "deadline-exceeded", "nobody waits for this answer any more");
    http::Response response = co_await handler(request);
    co_return response;
  }

  Task<> drain_when_stopped() {
    co_await stopped_.wait();
    const Timestamp latest = clock_.now() + linger_max;
    while (parts_.is_awaited && parts_.is_awaited() && clock_.now() < latest) co_await sleep_for(clock_, look_interval);
    if (server_) server_->drain(drain_max);
    drained_.set();
  }

  /// Until it is stopped and has answered the requests in flight.
  Task<> serve() {
    if (server_)
      co_await server_->serve();
    else
      co_await drained_.wait();
    const Timestamp latest = clock_.now() + drain_max;
    while (under_way_.use_count() > 1 && clock_.now() < latest) co_await sleep_for(clock_, look_interval);
  }

  /// What is left to be told is told after both.
  Task<> serve_and_work() {
    std::vector<Task<>> parts;
    parts.push_back(serve());
    parts.push_back(parts_.worker->run());
    co_await join(std::move(parts));
    if (parts_.companion) parts_.companion->stop();
  }

  const std::string instance_id_;
  Clock& clock_;
  Faults faults_;
  ServiceParts parts_;
  Condition resumed_;
  AsyncEvent stopped_;
  AsyncEvent drained_;
  const std::shared_ptr<const void> under_way_ = std::make_shared<const int>(0);  ///< each request of handle() has it
  std::uint64_t requests_ = 0;                                                    ///< of handle()
  bool begun_ = false;
  bool paused_ = false;
  bool stopping_ = false;
  std::unique_ptr<http::Server> server_;  // last: it goes first, with all that its handlers refer to still there
};

}  // namespace

ModuleRoute service_route(std::string path) {
  return ModuleRoute(http::Method::post, std::move(path), &ServiceModule::handle);
}

std::unique_ptr<Module> make_service_module(const ModuleContext& context, ServiceParts parts) {
  return std::make_unique<ServiceModule>(context, std::move(parts));
}

}  // namespace foodorder::rest
