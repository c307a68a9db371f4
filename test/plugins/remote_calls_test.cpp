#include "rest/remote_calls.hpp"
#include "support/catch.hpp"
#include "support/virtual_loop.hpp"

#include <boost/asio/detached.hpp>
#include <functional>
#include <map>

using namespace foodorder;
using namespace foodorder::rest;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const char* const here = R"([{"service":"order","here":false},{"service":"fraud","here":true}])";

/// Another process: what it answers by path, after how long, and what it was asked.
struct Process {
  std::map<std::string, std::string> bodies = {{"/api/services", here}};
  Duration takes{};
  std::vector<std::string> asked;
  int under_way = 0;
  int most_under_way = 0;
};

class ToProcess final : public http::Client {
 public:
  ToProcess(Clock& clock, Process& process) : clock_(clock), process_(process) {}

  Task<Result<http::ClientAnswer>> exchange(http::ClientRequest request, Timestamp deadline) override {
    process_.asked.push_back(request.path);
    process_.most_under_way = std::max(process_.most_under_way, ++process_.under_way);
    const Duration left = deadline - clock_.now();
    const bool is_late = process_.takes >= left;
    co_await sleep_for(clock_, std::min(left, process_.takes));
    --process_.under_way;
    if (is_late) co_return Error(Errc::outcome_unknown, "no whole answer in time");
    http::ClientAnswer answer;
    answer.status = process_.bodies.contains(request.path) ? 200 : 404;
    answer.body = process_.bodies[request.path];
    co_return answer;
  }

 private:
  Clock& clock_;
  Process& process_;
};

/// The order service's process: fraud is elsewhere, and of notification nobody says where it is.
struct Following {
  explicit Following(const std::function<void(Process&)>& change = [](Process&) {}) {
    process.bodies["/api/calls"] = told();
    change(process);
    asio::co_spawn(loop.context, remote.run(), asio::detached);
    loop.run_for(milliseconds(1));
  }
  ~Following() {
    remote.stop();
    loop.run_for(seconds(2));
  }

  /// What that process says of its arrow, with another value in one place.
  [[nodiscard]] std::string told(const std::string& member = {}, const json::value& value = {}) {
    json::object arrow = to_json(fraud_arrows.fraud_audit);
    arrow["calls"] = 7;
    if (!member.empty() && value.is_null()) arrow.erase(member);
    if (!value.is_null()) arrow[member] = value;
    return serialize_json(json::array{std::move(arrow)});
  }
  [[nodiscard]] json::object shown() const {
    json::array calls;
    remote.add_arrows(calls);
    REQUIRE(calls.size() == 1);
    return calls.front().as_object();
  }
  [[nodiscard]] std::string trouble() const { return std::string(text_at(shown(), "trouble")); }

  std::unique_ptr<http::Client> client() { return std::make_unique<ToProcess>(loop.clock, process); }

  VirtualLoop loop;
  Process process;
  Arrows arrows{[this](const std::string&) { return client(); }, loop.clock, 1, {"order"}};
  Arrows fraud_arrows{[this](const std::string&) { return client(); }, loop.clock, 1, {"fraud"}};
  Elsewhere elsewhere{{{"fraud", http::Address("fraud", 3001)}, {"audit", http::Address("audit", 3001)}},
                      [this](const std::string&) { return client(); },
                      loop.clock};
  RemoteCalls remote{elsewhere, arrows, loop.clock};
};

}  // namespace

TEST_CASE("An arrow of another process is shown as that one tells it, and what else it tells is left out") {
  Following following;
  following.process.bodies["/api/calls"] = following.told("mood", "good");
  following.loop.run_for(seconds(1));
  const json::object shown = following.shown();
  CHECK(shown.at("calls") == 7);
  CHECK(shown.at("url") == "http://fraud:3001");
  CHECK_FALSE(shown.contains("trouble"));
  CHECK_FALSE(shown.contains("mood"));
  following.process.bodies["/api/calls"] = following.told("untold", 3);
  following.loop.run_for(seconds(1));
  CHECK(following.shown().at("untold") == 3);
}

TEST_CASE("What another process tells that is no arrow of its service is not shown") {
  for (const char* body : {"", "[]", "{}", "[1]", R"([{"arrow":"fraud-audit-audit"}])"}) {
    Following following([&](Process& process) { process.bodies["/api/calls"] = body; });
    CHECK(following.trouble() == "the fraud service at http://fraud:3001 does not tell of its calls");
  }
  const std::vector<std::pair<std::string, json::value>> wrong = {{"arrow", "order-fraud-check"},
                                                                  {"breaker", "ajar"},
                                                                  {"calls", "7"},
                                                                  {"gaps", nullptr},
                                                                  {"fault", json::object()}};
  for (const auto& [member, value] : wrong) {
    Following following;
    following.process.bodies["/api/calls"] = following.told(member, value);
    following.loop.run_for(seconds(4));
    CHECK(following.trouble() == "the fraud service at http://fraud:3001 does not tell of its calls");
  }
}

TEST_CASE("An arrow keeps its figures while its process is silent, and is not known from the third second on") {
  Following following;
  const Timestamp begun = following.loop.clock.now() - milliseconds(1);
  following.process.takes = seconds(9);
  following.loop.run_for(milliseconds(2900));
  CHECK(following.trouble().empty());
  following.loop.run_for(milliseconds(200));
  CHECK(following.trouble() == "the fraud service does not answer: no whole answer in time");
  CHECK(following.shown().at("calls") == 7);
  CHECK(parse_iso(text_at(following.shown(), "heardAt")) == begun);
  following.process.takes = {};
  following.loop.run_for(seconds(2));
  CHECK(following.trouble().empty());
}

TEST_CASE("An arrow whose process was never heard has its name, its place and the reason") {
  Following following(
      [](Process& process) { process.bodies["/api/services"] = R"([{"service":"audit","here":true}])"; });
  const json::value wanted =
      parse_json(
          R"({"arrow":"fraud-audit-audit","from":"fraud","to":"audit","path":"/audit","url":"http://fraud:3001",)"
          R"("trouble":"http://fraud:3001 is not the fraud service, but audit"})")
          .value();
  CHECK(following.shown() == wanted);
  CHECK(following.process.asked == std::vector<std::string>{"/api/services"});  // nothing is asked of another one
}

TEST_CASE("Another process is asked once a second, and not again before it has answered or its time is over") {
  Following following;
  following.loop.run_for(seconds(10));
  CHECK(following.process.asked.size() / 2 == 11);  // who is there, and its calls
  following.process.takes = milliseconds(450);
  following.loop.run_for(seconds(10));
  CHECK(following.process.most_under_way == 1);
}
