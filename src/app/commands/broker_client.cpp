#include "broker_client.hpp"

#include "app/api.hpp"
#include "app/builtin_modules.hpp"
#include "bus_kafka/kafka_bus.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/http/problems.hpp"
#include "http/router.hpp"
#include "inspector/inspector.hpp"

#include <fmt/format.h>
#include <prometheus/registry.h>
#include <unistd.h>
#include <boost/asio/detached.hpp>

namespace foodorder::app {

namespace {

constexpr Duration broker_max = std::chrono::seconds(5);
constexpr Duration modules_max = std::chrono::seconds(5);
constexpr Duration retry_delay = std::chrono::milliseconds(100);

std::unique_ptr<EventBus> make_bus(BlockingLoop& loop, const Config& config) {
  log::set_level(log::level_from("error"));  // the command reports an absent broker in its one last line
  KafkaBusOptions options;
  options.brokers = config.brokers;
  options.settings = config.librdkafka;
  return make_kafka_bus(loop.executor(), loop.clock(), std::move(options));
}

bool is_of_modules(std::string_view path) {
  return path.starts_with("/api/modules") || path == "/api/stats" || path == "/api/fraud";
}

}  // namespace

/// The routes, and what stands behind them.
class BrokerClient::Api {
 public:
  Api(BlockingLoop& loop, const Config& config)
      : executor_(loop.executor()),
        clock_(loop.clock()),
        bus_(make_bus(loop, config)),
        supervisor_(executor_, {*bus_, clock_, *ids_, metrics_, 0, config.session_timeout}, kinds()),
        control_(*bus_, clock_, *ids_, supervisor_, fmt::format("command-{}-{}", getpid(), ids_->hex(4))),
        router_(routes()) {}

  /// `request` and `response` live until it completes.
  Task<bool> answer(http::Request& request, http::Response& response) {
    co_await reach();
    if (is_of_modules(request.path)) co_await know_modules();
    bool well_formed = true;
    const http::Router::Place* const place = router_.find(request, well_formed);
    const http::Route* const route = place ? place->route(request.method) : nullptr;
    if (route)
      response = co_await route->handler(request);
    else
      response = http::problem(
          404, fmt::format("a broker alone does not know {}: ask a running program with --url", request.path));
    co_return true;
  }

 private:
  static std::vector<ModuleKind> kinds() {
    const auto builtin = builtin_modules();
    return {builtin.begin(), builtin.end()};
  }

  std::vector<http::Route> routes() {
    std::vector<http::Route> all = inspector_routes(*bus_, clock_);
    append(all, module_routes(control_, supervisor_));
    all.push_back(broker_history_route(bus_->admin()));
    return all;
  }

  /// A client asks for the way to its broker when it is made; this waits for the answer, once.
  Task<> reach() {
    const Timestamp give_up = clock_.now() + broker_max;
    while (!reached_) {
      const auto topics = co_await bus_->admin().topics();
      reached_ = topics.has_value();
      if (!reached_ && clock_.now() >= give_up) throw OutOfReach(bus_->trouble().value_or(topics.error().message));
      if (!reached_) co_await sleep_for(clock_, retry_delay);
    }
  }

  /// The states of the modules are read from the bus from the first time on that somebody asks for them.
  Task<> know_modules() {
    if (!knows_modules_) asio::co_spawn(executor_, control_.run(), asio::detached);
    const Timestamp give_up = clock_.now() + modules_max;
    while (!control_.directory().ready() && !knows_modules_ && clock_.now() < give_up)
      co_await sleep_for(clock_, retry_delay);
    knows_modules_ = true;
  }

  Executor executor_;
  Clock& clock_;
  std::unique_ptr<IdSource> ids_ = make_system_ids();
  prometheus::Registry metrics_;
  std::unique_ptr<EventBus> bus_;
  Supervisor supervisor_;
  ControlPlane control_;
  http::Router router_;
  bool reached_ = false;
  bool knows_modules_ = false;
};

namespace {

/// A request and the texts that it shows.
struct Asked {
  Asked(http::Method method, std::string the_target, std::string the_body, std::string_view the_type)
      : target(std::move(the_target)), body(std::move(the_body)), type(the_type) {
    const std::size_t query = std::min(target.find('?'), target.size());
    request.method = method;
    request.path = std::string_view(target).substr(0, query);
    request.query_string = std::string_view(target).substr(std::min(query + 1, target.size()));
    request.body = body;
    if (!body.empty()) request.fields.emplace_back("Content-Type", type);
  }

  std::string target;
  std::string body;
  std::string type;
  http::Request request;
  http::Response response;
};

Client::Answer answer_of(const http::Response& response) {
  Client::Answer answer;
  answer.status = response.status;
  for (const auto& [name, value] : response.headers)
    if (name == "Link") answer.next = next_of(value);
  return answer;
}

/// The whole of a stream that `take` does not end.
Task<bool> drain(http::BodyStream& stream, const std::function<bool(std::string_view)>& take) {
  for (;;) {
    const std::vector<http::Chunk> chunks = co_await stream.next();
    if (chunks.empty()) co_return true;
    for (const http::Chunk& chunk : chunks)
      if (!take(*chunk)) co_return false;
  }
}

}  // namespace

BrokerClient::BrokerClient(BlockingLoop& loop, const Config& config)
    : loop_(loop), api_(std::make_unique<Api>(loop, config)) {}

BrokerClient::~BrokerClient() = default;

Client::Answer BrokerClient::ask(http::Method method, const std::string& target, std::string body,
                                 std::string_view type) {
  const auto asked = std::make_shared<Asked>(method, target, std::move(body), type);
  loop_.wait(api_->answer(asked->request, asked->response));
  Answer answer = answer_of(asked->response);
  answer.body = std::move(asked->response.body);
  return answer;
}

Client::Answer BrokerClient::stream(const std::string& target, const std::function<bool(std::string_view)>& take) {
  const auto asked = std::make_shared<Asked>(http::Method::get, target, "", "");
  loop_.wait(api_->answer(asked->request, asked->response));
  Answer answer = answer_of(asked->response);
  if (asked->response.stream)
    loop_.wait(drain(*asked->response.stream, take));
  else if (answer.status == 200)
    take(asked->response.body);
  else
    answer.body = std::move(asked->response.body);
  return answer;
}

}  // namespace foodorder::app
