#include "running_server.hpp"

#include <boost/asio/post.hpp>

namespace foodorder::test {

using http::Access;
using http::Method;
using http::Request;
using http::Response;

Task<> Gate::pass() {
  co_await park<Wake>([this](Waiter<Wake> waiter) {
    waiting.push_back(waiter);
    ++arrived;
  });
}

void Gate::release() {
  for (const Waiter<Wake>& waiter : std::exchange(waiting, {})) waiter.complete(Wake());
}

void StreamControl::push(std::string text) {
  ready.push_back(http::make_chunk(std::move(text)));
  waiting.complete(Wake());
}

void StreamControl::end() {
  ended = true;
  waiting.complete(Wake());
}

namespace {

class TestStream final : public http::BodyStream {
 public:
  explicit TestStream(std::shared_ptr<StreamControl> control) : control_(std::move(control)) {}
  ~TestStream() override { control_->destroyed = true; }

  Task<std::vector<http::Chunk>> next() override {
    ++control_->nexts;
    if (control_->ready.empty() && !control_->ended)
      co_await park<Wake>([this](Waiter<Wake> waiter) { control_->waiting = waiter; });
    co_return std::exchange(control_->ready, {});
  }

  void close() override {
    control_->closed = true;
    control_->end();
  }

 private:
  std::shared_ptr<StreamControl> control_;
};

Task<Response> hello(Request&) { co_return http::json_response("{\"hello\":true}"); }
Task<Response> echo(Request& request) { co_return http::json_response(std::string(request.body), 201); }
Task<Response> order(Request& request) { co_return http::json_response(std::string(request.path_parameter("id"))); }
Task<Response> throws(Request&) {
  throw std::runtime_error("planted");
  co_return Response();
}
Task<Response> throws_int(Request&) {
  throw 7;
  co_return Response();
}
Task<Response> bad_header(Request&) {
  Response response = http::json_response("{}");
  response.headers.emplace_back("X-Note", "a\r\nSet-Cookie: b");
  co_return response;
}
Task<Response> big(Request&) { co_return Response(200, "text/plain", std::string(100'000, 'x')); }
Task<Response> page(Request&) {
  Response response(200, "text/html; charset=utf-8", "<p>");
  response.headers.emplace_back("Cache-Control", "max-age=60");
  co_return response;
}
Task<Response> query(Request& request) { co_return http::json_response(request.query("q").value_or("none")); }

}  // namespace

std::unique_ptr<http::BodyStream> make_test_stream(std::shared_ptr<StreamControl> control) {
  return std::make_unique<TestStream>(std::move(control));
}

RunningServer::RunningServer(std::vector<http::Route> routes, http::ServerSpec spec)
    : loop_(std::make_unique<asio::io_context>()),
      server_(http::make_server(loop_->get_executor(), clock_, std::move(spec), std::move(routes))),
      port_(server_->port()) {
  asio::co_spawn(*loop_, server_->serve(), [this](const std::exception_ptr&) { served_ = true; });
  thread_ = std::thread([this] {
    const auto work = asio::make_work_guard(*loop_);
    loop_->run();
  });
}

RunningServer::~RunningServer() { destroy(); }

void RunningServer::on_loop(std::function<void()> call) {
  std::promise<void> done;
  asio::post(*loop_, [&] {
    call();
    done.set_value();
  });
  done.get_future().wait();
}

void RunningServer::advance(Duration duration) {
  on_loop([&] { clock_.advance(duration); });
}

http::ServerStats RunningServer::stats() {
  http::ServerStats copy;
  on_loop([&] { copy = server_->stats(); });
  return copy;
}

void RunningServer::drain(Duration limit) {
  on_loop([&] { server_->drain(limit); });
}

void RunningServer::destroy() {
  if (!loop_) return;
  loop_->stop();
  thread_.join();
  server_.reset();
  loop_.reset();
}

bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

std::vector<http::Route> example_routes() {
  std::vector<http::Route> routes;
  routes.emplace_back(Method::get, "/hello", hello);
  routes.emplace_back(Method::post, "/echo", echo);
  routes.emplace_back(Method::get, "/orders/{id}", order);
  routes.emplace_back(Method::get, "/throws", throws);
  routes.emplace_back(Method::get, "/throws-int", throws_int);
  routes.emplace_back(Method::get, "/bad-header", bad_header);
  routes.emplace_back(Method::get, "/big", big);
  routes.emplace_back(Method::post, "/control", hello, Access::control);
  routes.emplace_back(Method::get, "/probe", hello, Access::probe);
  routes.emplace_back(Method::get, "/page", page);
  routes.emplace_back(Method::get, "/query", query);
  return routes;
}

}  // namespace foodorder::test
