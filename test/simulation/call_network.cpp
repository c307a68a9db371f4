#include "call_network.hpp"

#include "foodorder/base/number.hpp"
#include "foodorder/base/wait.hpp"
#include "instance.hpp"

#include <fmt/format.h>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

namespace foodorder::simulation {

namespace {

std::string field_of(const http::ClientRequest& request, std::string_view name) {
  for (const auto& [field, value] : request.headers)
    if (field == name) return value;
  return {};
}

Error cut_off(std::string_view why) { return {Errc::outcome_unknown, std::string(why)}; }

}  // namespace

/// A try on its way. Its caller may have gone.
struct Flight {
  explicit Flight(http::ClientRequest what) : request(std::move(what)), id(field_of(request, "ce-id")) {}

  /// The first one counts.
  void finish(Result<http::ClientAnswer> what, bool is_true = false) {
    if (answer) return;
    answer = std::move(what);
    good = is_true;
    caller.complete(Wake{});
  }

  const http::ClientRequest request;
  const std::string id;
  Waiter<Wake> caller;
  std::optional<Result<http::ClientAnswer>> answer;
  bool good = false;
};

/// A server of a service that a module runs: its handlers are called as functions, on the executor of that module.
class CallServer final : public http::Server {
 public:
  CallServer(CallNetwork& network, std::uint16_t port, std::vector<http::Route> routes)
      : network_(network), port_(port), routes_(std::move(routes)) {
    network_.servers_[port_] = this;
  }
  ~CallServer() override { network_.servers_.erase(port_); }
  CallServer(const CallServer&) = delete;
  CallServer& operator=(const CallServer&) = delete;

  std::uint16_t port() const override { return port_; }
  const http::ServerStats& stats() const override { return stats_; }

  Task<> serve() override {
    executor_ = co_await asio::this_coro::executor;
    listening_ = true;
    while (!cut_off_) co_await changed_.wait();
    while (at_work_ > 0 && network_.clock_.now() < *cut_off_) co_await changed_.wait_until(network_.clock_, *cut_off_);
  }

  void drain(Duration limit) override {
    listening_ = false;
    if (!cut_off_) cut_off_ = network_.clock_.now() + limit;
    changed_.set();
  }

  [[nodiscard]] bool listening() const noexcept { return listening_; }

  void handle(const std::shared_ptr<Flight>& flight) {
    Fields fields(flight->request.headers);
    if (!flight->request.body.empty()) fields.emplace_back("Content-Type", "application/json");
    const auto at = std::find_if(routes_.begin(), routes_.end(), [&](const http::Route& route) {
      return route.method == flight->request.method && route.pattern == flight->request.path;
    });
    if (at == routes_.end()) return network_.answer(flight, http::Response(404, "text/plain", "no such path"));
    const auto exchange = std::make_shared<Exchange>(flight->request.method, flight->request.path, flight->request.body,
                                                     std::move(fields));
    ++stats_.requests_total;
    ++at_work_;
    asio::co_spawn(executor_, read(*at, *flight, exchange->request), Answer(*this, flight, exchange));
  }

 private:
  /// Not before its module runs, which may be held.
  Task<http::Response> read(const http::Route& route, const Flight& flight, http::Request& request) {
    network_.is_read(flight);
    http::Response response = co_await route.handler(request);
    co_return response;
  }

  /// What comes of a request. One that is dropped is that of a service that has crashed.
  class Answer {
   public:
    Answer(CallServer& server, std::shared_ptr<Flight> flight, std::shared_ptr<Exchange> exchange)
        : server_(&server), flight_(std::move(flight)), exchange_(std::move(exchange)) {}
    Answer(Answer&&) = default;
    Answer& operator=(Answer&&) = default;
    ~Answer() {
      if (flight_) flight_->finish(cut_off("the connection was reset"));
    }

    void operator()(std::exception_ptr failure, http::Response response) {
      if (failure) response = http::Response(500, "text/plain", "the handler has thrown");
      --server_->at_work_;
      server_->changed_.set();
      server_->network_.answer(std::exchange(flight_, nullptr), response);
    }

   private:
    CallServer* server_;
    std::shared_ptr<Flight> flight_;
    std::shared_ptr<Exchange> exchange_;  ///< the handler looks into it
  };

  CallNetwork& network_;
  const std::uint16_t port_;
  const std::vector<http::Route> routes_;
  http::ServerStats stats_;
  Executor executor_;
  bool listening_ = false;
  std::size_t at_work_ = 0;
  std::optional<Timestamp> cut_off_;
  AsyncEvent changed_;
};

/// Who calls along one arrow.
class CallClient final : public http::Client {
 public:
  using Judged = std::function<calls::Breaker::Spec(std::string_view path)>;

  CallClient(CallNetwork& network, Clock& clock, Judged judged,
             std::function<std::optional<http::Address>()> next_address)
      : network_(network), clock_(clock), judged_(std::move(judged)), next_address_(std::move(next_address)) {}

  Task<Result<http::ClientAnswer>> exchange(http::ClientRequest request, Timestamp deadline) override {
    check_deadline(request, deadline);
    const auto flight = std::make_shared<Flight>(std::move(request));
    Ticket ticket(*this, *flight);
    if (const auto port = find()) {
      network_.send(flight, *port);
    } else {
      network_.tell(*flight, "finds nobody who listens");
      flight->finish(Error(Errc::unavailable, "nobody listens"));
    }
    const Clock::TimerId timer =
        clock_.call_at(deadline, [flight] { flight->finish(cut_off("no whole answer in time")); });
    if (!flight->answer) co_await park<Wake>([&](Waiter<Wake> waiter) { flight->caller = std::move(waiter); });
    clock_.cancel(timer);
    ticket.end();
    if (flight->good) network_.answered_.emplace(flight->request.path, flight->id);
    co_return std::move(*flight->answer);
  }

 private:
  /// Tells the judge of a try, however it ends.
  class Ticket {
   public:
    Ticket(CallClient& client, const Flight& flight) : client_(client), flight_(flight) {
      if (!client.judge_)
        client.judge_.emplace(fmt::format("{} of {}", flight.request.path, field_of(flight.request, "ce-source")),
                              client.judged_(flight.request.path), client.network_.complain_);
      number_ = client.judge_->begin(client.clock_.now());
      ++client.network_.under_way_;
      client.network_.last_use_ = client.network_.clock_.now();
    }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    ~Ticket() {
      client_.judge_->abandon(number_);
      --client_.network_.under_way_;
      client_.network_.last_use_ = client_.network_.clock_.now();
    }

    void end() { client_.judge_->end(number_, flight_.good, client_.clock_.now()); }

   private:
    CallClient& client_;
    const Flight& flight_;
    std::uint64_t number_ = 0;
  };

  /// How long the caller still waits must go along.
  void check_deadline(const http::ClientRequest& request, Timestamp deadline) const {
    const auto told = parse_number<std::int64_t>(field_of(request, calls::deadline_header));
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock_.now()).count();
    if (told != left)
      network_.complain_("deadline", fmt::format("{} waits for {} ms, and says {}", request.path, left,
                                                 told ? std::to_string(*told) : "nothing"));
  }

  /// A port of the service where somebody listens.
  [[nodiscard]] std::optional<std::uint16_t> find() const {
    std::set<std::uint16_t> refused;
    for (auto address = next_address_(); address && !refused.contains(address->port); address = next_address_()) {
      if (network_.at(address->port)) return address->port;
      refused.insert(address->port);
    }
    return {};
  }

  CallNetwork& network_;
  Clock& clock_;
  const Judged judged_;
  const std::function<std::optional<http::Address>()> next_address_;
  std::optional<CallJudge> judge_;
};

class CallNetwork::Joined final : public http::Network {
 public:
  Joined(CallNetwork& network, CallClient::Judged judged) : network_(network), judged_(std::move(judged)) {}

  std::unique_ptr<http::Client> client(Clock& clock,
                                       std::function<std::optional<http::Address>()> next_address) override {
    return std::make_unique<CallClient>(network_, clock, judged_, std::move(next_address));
  }
  std::unique_ptr<http::Server> server(const Clock&, http::ServerSpec spec, std::vector<http::Route> routes) override {
    const std::uint16_t port = spec.port > 0 ? spec.port : ++network_.last_port_;
    return std::make_unique<CallServer>(network_, port, std::move(routes));
  }

 private:
  CallNetwork& network_;
  const CallClient::Judged judged_;
};

std::unique_ptr<http::Network> CallNetwork::join(CallClient::Judged judged) {
  return std::make_unique<Joined>(*this, std::move(judged));
}

void CallNetwork::begins(std::string_view path, const std::string& id) const {
  const auto found = waited_until_.find({std::string(path), id});
  if (found != waited_until_.end() && clock_.now() > found->second)
    complain_("deadline", fmt::format("{} of {} is worked on {} ms after its deadline", path, id,
                                      (clock_.now() - found->second) / std::chrono::milliseconds(1)));
}

// --------------------------------------------------------------------------------------------- on the way

void CallNetwork::tell(const Flight& flight, std::string_view what) {
  trace_("network", "{} of {} {}", flight.request.path, flight.id, what);
}

CallServer* CallNetwork::at(std::uint16_t port) const {
  const auto found = servers_.find(port);
  return found != servers_.end() && found->second->listening() ? found->second : nullptr;
}

/// True, and `what` is done later, that often.
bool CallNetwork::later(double probability, std::function<void()> what) {
  if (!random_.chance(probability)) return false;
  clock_.call_at(clock_.now() + Duration(random_.between(1, faults_.delay_max.count())), std::move(what));
  return true;
}

void CallNetwork::send(const std::shared_ptr<Flight>& flight, std::uint16_t port) {
  if (random_.chance(faults_.refuse)) {
    tell(*flight, "finds no connection");
    return flight->finish(Error(Errc::unavailable, "the simulator refuses"));
  }
  if (random_.chance(faults_.lose)) return tell(*flight, "is lost");
  if (random_.chance(faults_.fail)) return ends(*flight, failure());
  if (random_.chance(faults_.wrong)) return ends(*flight, wrong_answer());
  const auto arrives = [this, flight, port] { deliver(flight, port); };
  if (random_.chance(faults_.repeat)) {
    tell(*flight, "is sent twice");
    if (!later(faults_.delay + 0.5, arrives)) arrives();
  }
  if (later(faults_.delay, arrives)) return tell(*flight, "is late");
  arrives();
}

void CallNetwork::deliver(const std::shared_ptr<Flight>& flight, std::uint16_t port) {
  CallServer* const server = at(port);
  if (!server) return flight->finish(cut_off("the connection was closed"));
  tell(*flight, "arrives");
  server->handle(flight);
}

/// As its service must take it, which knows only how long its caller had when it was sent.
void CallNetwork::is_read(const Flight& flight) {
  const auto told = parse_number<std::int64_t>(field_of(flight.request, calls::deadline_header));
  Timestamp& until = waited_until_[{flight.request.path, flight.id}];
  until = std::max(until, clock_.now() + std::chrono::milliseconds(told.value_or(0)));
}

void CallNetwork::answer(const std::shared_ptr<Flight>& flight, const http::Response& response) {
  trace_("network", "{} of {} is answered {} {}", flight->request.path, flight->id, response.status, response.body);
  if (random_.chance(faults_.lose_answer)) return tell(*flight, "loses its answer");
  if (random_.chance(faults_.fail_late)) return ends(*flight, failure());
  if (random_.chance(faults_.wrong_late)) return ends(*flight, wrong_answer());
  http::ClientAnswer answer{response.status, response.content_type, response.body};
  const auto comes = [flight, answer, good = response.status >= 200 && response.status < 300] {
    flight->finish(answer, good);
  };
  if (later(faults_.delay_answer, comes)) return tell(*flight, "is answered late");
  comes();
}

/// With an answer that is not the service's.
void CallNetwork::ends(Flight& flight, http::ClientAnswer answer) {
  trace_("network", "{} of {} gets {} {}", flight.request.path, flight.id, answer.status, answer.body);
  flight.finish(std::move(answer));
}

http::ClientAnswer CallNetwork::failure() {
  static constexpr std::array codes = {429, 500, 501, 502, 503, 504};
  return {codes[random_.below(codes.size())], "text/plain", "the simulator fails"};
}

/// None of them is one that the service could give.
http::ClientAnswer CallNetwork::wrong_answer() {
  switch (random_.below(7)) {
    case 0:
      return {200, "text/html", "<h1>Welcome</h1>"};
    case 1:
      return {200, "application/json", "{}"};
    case 2:
      return {200, "application/json", R"({"source":"weather-service","alerts":[],"windowStats":{},"taken":"yes"})"};
    case 3:
      return {202, "application/json", R"({"taken":tr)"};
    case 4:
      return {404, "text/html", "not here"};
    case 5:
      return {301, "text/html", ""};
    default:
      return {204, "", ""};
  }
}

}  // namespace foodorder::simulation
