#include "app.hpp"

#include "api.hpp"
#include "foodorder/base/join.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/base/retry_log.hpp"
#include "foodorder/runtime/topics.hpp"
#include "fraud/module.hpp"
#include "inspector/inspector.hpp"
#include "replay_at_start.hpp"
#include "shown_hosts.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/host_name.hpp>
#include <csignal>
#include <exception>
#include <stdexcept>

namespace foodorder {

namespace {

constexpr Duration drain_requests_max = std::chrono::seconds(2);
constexpr Duration drain_max = std::chrono::milliseconds(4000);  // a second is left for the bus
constexpr Duration retry_delay = std::chrono::milliseconds(500);
constexpr auto as_result = asio::as_tuple(asio::deferred);

bool is_loopback(std::string_view host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

/// Unlike those of any other process on the bus: in containers process ids are alike, and may be hosts' names.
std::string process_name(IdSource& ids) { return fmt::format("{}-{}-{}", asio::ip::host_name(), getpid(), ids.hex(4)); }

/// Nohup says that a terminal that closes is no reason to end.
bool is_ignored(int signal) {
  struct sigaction action{};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// Those of the program, and what the modules need beside them.
std::vector<Topic> topics_of(std::span<const ModuleKind> kinds) {
  std::vector<Topic> topics = topics::table();
  for (const ModuleKind& kind : kinds) topics.insert(topics.end(), kind.topics.begin(), kind.topics.end());
  return topics;
}

/// The configured values become the defaults of each kind, so that an instance added later has them, too.
std::vector<ModuleKind> kinds_of(const Config& config, std::span<const ModuleKind> kinds) {
  if (config.only_replays()) return {fraud_replay_kind()};
  std::vector<ModuleKind> configured(kinds.begin(), kinds.end());
  for (ModuleKind& kind : configured)
    for (SettingSpec& spec : kind.settings) spec.default_value = config.settings.at(kind.name).values().at(spec.name);
  return configured;
}

/// What a client of `POST /api/orders` gets, without a socket.
http::Handler order_placer(const std::vector<http::Route>& routes) {
  const auto places = [](const http::Route& route) {
    return route.method == http::Method::post && route.pattern == "/api/orders";
  };
  const auto route = std::find_if(routes.begin(), routes.end(), places);
  if (route != routes.end()) return route->handler;
  return [](http::Request&) -> Task<http::Response> { co_return http::Response(503, "", ""); };
}

}  // namespace

/// Adds to the error of `make` where the values of these keys come from.
template <class Make>
auto App::naming_origins(std::initializer_list<const char*> keys, Make make) const {
  try {
    return make();
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(error.what() + config_.origins_of(keys));
  }
}

App::App(const Config& config, std::span<const ModuleKind> kinds)
    : config_(config),
      loop_(1),
      clock_(make_system_clock(loop_.get_executor())),
      ids_(make_system_ids()),
      topics_(topics_of(kinds)),
      signals_(loop_, SIGINT, SIGTERM) {
  if (!is_ignored(SIGHUP)) signals_.add(SIGHUP);
  log::set_level(log::level_from(config.log_level));
  const app::ArchitectureParts built_of{config_, loop_.get_executor(), *clock_, *ids_, metrics_};
  architecture_ = naming_origins({"architecture", "database", "brokers", "librdkafka"},
                                 [&] { return app::make_architecture(built_of); });
  bus_ = &architecture_->bus();
  const Supervisor::Parts parts{*bus_, *clock_, *ids_, metrics_, config.seed, config.session_timeout, topics_};
  supervisor_ =
      std::make_unique<Supervisor>(loop_.get_executor(), parts, architecture_->kinds(kinds_of(config, kinds)));
  supervisor_->on_absence([this] { return bus_->trouble().value_or(trouble_); });
  control_ = std::make_unique<ControlPlane>(*bus_, *clock_, *ids_, *supervisor_, process_name(*ids_));
  std::vector<http::Route> routes = supervisor_->routes();
  load_ = std::make_unique<app::LoadGenerator>(*clock_, order_placer(routes));
  system_feed_ = std::make_unique<app::SystemFeed>(*architecture_, *clock_, *control_, *load_,
                                                   bus_->name() == "kafka" ? config.brokers : std::string());
  make_servers(std::move(routes));
}

App::~App() = default;

void App::make_servers(std::vector<http::Route> routes) {
  app::append(routes, app::module_routes(*control_, *supervisor_));
  app::append(routes,
              app::system_routes({*bus_, *clock_, *supervisor_, *control_, metrics_, [this] { return trouble_; },
                                  [this] { return server_ ? &server_->stats() : nullptr; }, [this] { return links(); },
                                  [this] { return architecture_->update_metrics(); },
                                  [this](json::object& body) { return architecture_->add_readiness(body); }}));
  app::append(routes, architecture_->routes());
  app::append(routes, app::load_routes(*load_));
  app::append(routes, system_feed_->routes());
  app::append(routes, inspector_routes(*bus_, *clock_));
  if (!is_loopback(config_.host)) token_ = config_.token.empty() ? ids_->hex(32) : config_.token;
  if (token_ == "none") token_.clear();

  http::ServerSpec spec;
  spec.host = config_.host;
  spec.allow_hosts = config_.allow_hosts;
  spec.token = token_;
  spec.limits = config_.http_limits;
  if (config_.serves_http()) {
    spec.port = config_.port;
    std::vector<http::Route> all = routes;
    app::append(all, app::asset_routes(config_.web_dir));
    server_ = naming_origins({"host", "port"},
                             [&] { return http::make_server(loop_.get_executor(), *clock_, spec, std::move(all)); });
  }
  if (config_.serves_inspector()) {
    spec.port = config_.inspector_port;
    app::append(routes, app::inspector_asset_routes(config_.web_dir));
    inspector_ = naming_origins({"host", "inspectorPort"}, [&] {
      return http::make_server(loop_.get_executor(), *clock_, spec, std::move(routes));
    });
  }
}

void App::announce() const {
  const auto show = [this](std::string_view label, const http::Server& server, std::string_view path) {
    for (const std::string& host : app::shown_hosts(config_.host)) {
      log::print(fmt::format("{:<11}http://{}:{}/{}", label, host, server.port(), path));
      label = "";
    }
  };
  if (server_) show("dashboard", *server_, "");
  if (inspector_) show("inspector", *inspector_, "");
  if (!token_.empty() && config_.token.empty()) {
    log::print("token      " + token_);
    if (server_) log::print(fmt::format("to control http://localhost:{}/#token={}", server_->port(), token_));
  }
  log::print(architecture_->announcement());
  if (!log::enabled(log::Level::info))
    log::print("log        only trouble is shown; --log-level=info tells what each service does");
}

std::vector<std::string> App::links() const {
  std::vector<std::string> links;
  if (!server_ || is_loopback(config_.host)) return links;
  for (const std::string& host : app::shown_hosts(config_.host))
    if (!is_loopback(host)) links.push_back(fmt::format("http://{}:{}/", host, server_->port()));
  return links;
}

int App::run() {
  std::exception_ptr failure;
  asio::co_spawn(loop_, serve(), [&](std::exception_ptr error) {
    failure = error;
    loop_.stop();
  });
  announce();
  loop_.run();
  if (failure) std::rethrow_exception(failure);
  if (!refusal_.empty()) throw std::runtime_error(refusal_);
  return status_;
}

Task<> App::serve() {
  // Requests are answered from the start, also where no broker is: with 503 and the reason.
  std::vector<Task<>> parts;
  parts.push_back(run_modules());
  parts.push_back(serve_until_drained());
  co_await join(std::move(parts));
}

Task<> App::run_modules() {
  co_await prepare_topics();
  if (draining_) co_return;
  if (config_.only_replays()) {
    co_await replay_and_end();
    co_return;
  }
  std::vector<Task<>> parts;
  parts.push_back(control_->run());
  parts.push_back(load_->run());
  parts.push_back(system_feed_->run());
  parts.push_back(architecture_->run());
  parts.push_back(start_instances());
  co_await join(std::move(parts));
}

/// They are added as their ids are had: other processes on the bus may run some already.
Task<> App::start_instances() {
  trouble_ = "the instances are not started yet";
  for (const ModuleChoice& choice : config_.modules)
    for (int added = 0; added < choice.count && !draining_; ++added) co_await add_instance(choice);
  if (draining_) {
    co_await supervisor_->stop_all();
    co_return;
  }
  trouble_.clear();
  if (config_.replay) replay_if_asked();
}

Task<> App::add_instance(const ModuleChoice& choice) {
  RetryLog starting(choice.kind);
  while (!draining_) {
    Settings settings = config_.settings.at(choice.kind);
    const auto added = co_await control_->add(choice.kind, config_.instance_id, std::move(settings));
    if (added) co_return;
    const Errc code = added.error().code;
    const bool may_work_later = code == Errc::unavailable || code == Errc::outcome_unknown ||
                                code == Errc::not_authorized || code == Errc::too_large;
    if (!may_work_later && !draining_) {
      refusal_ = config_.instance_id.empty()
                     ? added.error().message
                     : fmt::format("--instance-id: {}; choose another, or none for the next free number{}",
                                   added.error().message, config_.origins_of({"instanceId"}));
      end();
      co_return;
    }
    starting.failed(added.error());
    trouble_ = fmt::format("{} is not started yet: {}", choice.kind, added.error().message);
    co_await sleep_for(*clock_, retry_delay);
  }
}

void App::replay_if_asked() {
  for (const InstanceStatus& status : supervisor_->statuses()) {
    if (status.kind != "fraud") continue;
    // One of them reads for all: each would read the same.
    asio::co_spawn(loop_, app::replay_at_start(*supervisor_, *bus_, *clock_, status.instance, log::print),
                   asio::detached);
    return;
  }
  log::print("replay     there is no fraud module in this process: nothing is replayed");
}

/// It is no member of the running system: its id is its own affair.
Task<> App::replay_and_end() {
  trouble_.clear();
  const std::string id = config_.instance_id.empty() ? "fraud-1" : config_.instance_id;
  supervisor_->add("fraud", id, config_.settings.at("fraud")).value();
  supervisor_->start(id).value();
  const bool replayed = co_await app::replay_at_start(*supervisor_, *bus_, *clock_, id, log::print);
  if (draining_) co_return;  // cut short by who asked for its end
  if (!replayed) status_ = EXIT_FAILURE;
  end();
}

void App::end() {
  ending_ = true;
  signals_.cancel();
}

Task<> App::serve_until_drained() {
  std::vector<Task<>> servers;
  if (server_) servers.push_back(server_->serve());
  if (inspector_) servers.push_back(inspector_->serve());
  servers.push_back(wait_for_signal());
  co_await join(std::move(servers));
  // Requests are answered; now what they have caused is finished, committed and left.
  co_await supervisor_->stop_all();
  system_feed_->stop();
  architecture_->stop();
  control_->stop();
}

Task<> App::prepare_topics() {
  while (!draining_) {
    std::vector<TopicSpec> wanted(topics_.begin(), topics_.end());
    const auto ensured = co_await bus_->admin().ensure_topics(std::move(wanted));
    if (ensured) co_return;
    // Whether a broker can be reached, the bus tells by itself.
    if (ensured.error().message != trouble_ && !bus_->trouble())
      log::error("{}; trying again", ensured.error().message);
    trouble_ = ensured.error().message;
    co_await sleep_for(*clock_, retry_delay);
  }
}

Task<> App::wait_for_signal() {
  if (!ending_) {
    const auto [ended, signal] = co_await signals_.async_wait(as_result);
    if (!ended) log::info("signal {}: draining", signal);
  }
  draining_ = true;
  load_->stop();
  clock_->call_at(clock_->now() + drain_max, [this] {
    log::warn("not everything ended within {} ms",
              std::chrono::duration_cast<std::chrono::milliseconds>(drain_max).count());
    loop_.stop();
  });
  if (server_) server_->drain(drain_requests_max);
  if (inspector_) inspector_->drain(drain_requests_max);
}

}  // namespace foodorder
