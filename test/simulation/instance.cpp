#include "instance.hpp"

#include "foodorder/http/problems.hpp"

#include <boost/asio/co_spawn.hpp>

namespace foodorder::simulation {

Exchange::Exchange(http::Method method, std::string target, std::string content, Fields header_fields)
    : path(std::move(target)), body(std::move(content)), fields(std::move(header_fields)) {
  request.method = method;
  request.path = path;
  request.body = body;
  for (const auto& [name, value] : fields) request.fields.emplace_back(name, value);
}

Instance::Instance(Scheduler& scheduler, const ModuleKind& kind, std::string id, int process)
    : scheduler_(scheduler), kind_(kind), id_(std::move(id)), process_(process), actor_(scheduler.add()) {}

Instance::~Instance() { crash(); }

void Instance::start(ModuleContext context) {
  domain_ = std::make_unique<FaultDomain>(scheduler_.executor(actor_), id_);
  module_ = kind_.make(std::move(context));
  stopping_ = paused_ = false;
  ended_ = std::make_shared<bool>(false);
  failure_.clear();
  asio::co_spawn(domain_->get_executor(), module_->run(), [this, ended = ended_](std::exception_ptr failure) {
    *ended = true;
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      failure_ = error.what();
    }
  });
}

void Instance::crash() {
  if (!alive()) return;
  hold(false);
  domain_->crash();
  scheduler_.drop(actor_);
  module_.reset();
  domain_.reset();
  for (const auto& asked : std::exchange(asked_, {}))
    if (const auto exchange = asked.lock()) exchange->client.complete(nullptr);
}

void Instance::stop() {
  stopping_ = true;
  module_->stop();
}

void Instance::hold(bool held) {
  held_ = held;
  scheduler_.hold(actor_, held);
}

void Instance::pause(bool paused) {
  paused_ = paused;
  module_->pause(paused);
}

void Instance::replay(std::function<void(std::shared_ptr<json::object>)> done) {
  asio::co_spawn(domain_->get_executor(), module_->replay(),
                 [done = std::move(done)](std::exception_ptr failure, const Result<json::object>& summary) {
                   done(failure || !summary ? nullptr : std::make_shared<json::object>(*summary));
                 });
}

namespace {

/// Whether `path` fits `pattern`, which has one `{name}` at most; then the parameter is put into `request`.
bool match(const std::string& pattern, const std::string& path, http::Request& request) {
  const std::size_t open = pattern.find('{');
  if (open == std::string::npos) return pattern == path;
  const std::size_t close = pattern.find('}');
  if (path.compare(0, open, pattern, 0, open) != 0) return false;
  const std::string rest = path.substr(std::min(open, path.size()));
  const std::string segment = rest.substr(0, rest.find('/'));
  if (segment.empty() || rest.substr(segment.size()) != pattern.substr(close + 1)) return false;
  const std::string_view name = std::string_view(pattern).substr(open + 1, close - open - 1);
  request.path_parameters.clear();
  request.path_parameters.emplace_back(name, segment);
  return true;
}

}  // namespace

const ModuleRoute* Instance::route_of(Exchange& exchange) const {
  for (const ModuleRoute& route : kind_.routes)
    if (route.method == exchange.request.method && match(route.pattern, exchange.path, exchange.request)) return &route;
  return nullptr;
}

Task<Exchange::Answer> Instance::ask(std::shared_ptr<Exchange> exchange) {
  const ModuleRoute* route = alive() && !stopping_ ? route_of(*exchange) : nullptr;
  if (!route) co_return nullptr;
  asked_.remove_if([](const auto& asked) { return asked.expired(); });
  asked_.push_back(exchange);
  asio::co_spawn(domain_->get_executor(), route->handler(*module_, exchange->request),
                 [exchange](std::exception_ptr failure, http::Response response) {
                   if (failure) response = http::problem(500, "the handler has thrown");
                   exchange->client.complete(std::make_shared<http::Response>(std::move(response)));
                 });
  Exchange::Answer answer =
      co_await park<Exchange::Answer>([&](Waiter<Exchange::Answer> waiter) { exchange->client = std::move(waiter); });
  co_return answer;
}

}  // namespace foodorder::simulation
