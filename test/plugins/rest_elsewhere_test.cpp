#include "rest/elsewhere.hpp"
#include "rest/remote_log.hpp"
#include "support/catch.hpp"
#include "support/virtual_loop.hpp"

#include <fmt/format.h>
#include <functional>
#include <map>

using namespace foodorder;
using namespace foodorder::rest;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Another process: what it answers, and what it was asked.
struct Process {
  int status = 200;
  std::string body;
  bool is_down = false;
  std::vector<std::string> asked;
};

class ToProcess final : public http::Client {
 public:
  explicit ToProcess(Process& process) : process_(process) {}

  Task<Result<http::ClientAnswer>> exchange(http::ClientRequest request, Timestamp) override {
    process_.asked.push_back(std::move(request.path));
    if (process_.is_down) co_return Error(Errc::unavailable, "connection refused");
    http::ClientAnswer answer;
    answer.status = process_.status;
    answer.content_type = "application/json";
    answer.body = process_.body;
    co_return answer;
  }

 private:
  Process& process_;
};

/// A page of the API: the record at that offset, and where the log ends.
std::string page(std::int64_t offset, std::int64_t end) {
  const std::string record = fmt::format(
      R"({{"topic":"audit","partition":0,"offset":{},"timestamp":"2026-01-01T00:00:00Z","key":{{"encoding":"utf-8","text":"order-1"}},"value":{{"encoding":"utf-8","text":"{{}}"}},"headers":[{{"name":"ce_id","value":{{"encoding":"utf-8","text":"7"}}}}]}})",
      offset);
  return fmt::format(R"({{"messages":[{}],"next":[],"end":[{{"partition":0,"offset":{}}}]}})",
                     offset < end ? record : "", end);
}

struct Following {
  database::TableLog::Rows rows(std::int64_t from) { return loop.finish(log.read_rows(from, 100)).value(); }

  VirtualLoop loop;
  Process process;
  RemoteLog log{std::make_unique<ToProcess>(process), loop.clock, "audit", "http://audit:3001",
                std::make_shared<database::Signals>()};
};

struct Looking {
  std::string look() {
    shown.clear();
    const std::map<std::string, http::Address, std::less<>> places = {{"audit", http::Address("audit", 3001)}};
    if (!elsewhere)
      elsewhere = std::make_unique<Elsewhere>(
          places, [this](const std::string&) { return std::make_unique<ToProcess>(process); }, loop.clock);
    return loop.finish(elsewhere->look(shown));
  }
  [[nodiscard]] std::string error() const { return std::string(text_at(shown.front().as_object(), "error")); }

  VirtualLoop loop;
  Process process;
  std::unique_ptr<Elsewhere> elsewhere;
  json::array shown;
};

}  // namespace

TEST_CASE("The log of another process is read from where one is to its end, and not asked again at once") {
  Following following;
  following.process.body = page(4, 9);
  const auto rows = following.rows(3);
  REQUIRE(rows.records.size() == 1);
  CHECK(rows.records.front().position.offset == 4);
  CHECK(rows.records.front().record->key() == "order-1");
  CHECK(rows.next == 9);
  CHECK(following.process.asked.back() == "/api/bus/topics/audit/messages?partition=0&from=3&limit=100&allHeaders=1");
  following.process.body = page(9, 10);
  CHECK(following.rows(9).records.empty());
  CHECK(following.process.asked.size() == 1);
  following.loop.run_for(milliseconds(60));
  CHECK(following.rows(9).next == 10);
}

TEST_CASE("A process that is away has nothing new, is asked once a second, and is read on when it is back") {
  Following following;
  following.process.is_down = true;
  for (int i = 0; i < 5; ++i) CHECK(following.rows(3).next == 3);
  CHECK(following.process.asked.size() == 1);
  CHECK(following.loop.finish(following.log.end()).value() == 0);
  CHECK(following.loop.finish(following.log.describe()).value().front().name == "audit");
  CHECK(following.process.asked.size() == 1);
  const auto read = following.loop.finish(following.log.read(TopicPartition("audit", 0), 0, ReadLimits()));
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == Errc::unavailable);
  following.process.is_down = false;
  following.process.body = page(4, 9);
  following.loop.run_for(milliseconds(1100));
  CHECK(following.rows(3).next == 9);
}

TEST_CASE("What is no page of a log is nothing new") {
  for (const char* body : {"", "[]", "{}", R"({"messages":[{}],"next":[],"end":[]})", R"({"messages":1})"}) {
    Following following;
    following.process.body = body;
    CHECK(following.rows(3).next == 3);
    CHECK(following.rows(3).records.empty());
  }
}

TEST_CASE("A service that was never reached is waited for, and one that is lost is only shown") {
  Looking looking;
  looking.process.is_down = true;
  CHECK(looking.look() == "the audit service does not answer: connection refused");
  looking.process.is_down = false;
  looking.process.body = R"([{"service":"audit","here":true},{"service":"fraud","here":false}])";
  CHECK(looking.look().empty());
  CHECK(looking.shown == parse_json(R"([{"service":"audit","url":"http://audit:3001"}])")->as_array());
  looking.process.is_down = true;
  CHECK(looking.look().empty());
  CHECK(looking.error() == "the audit service does not answer: connection refused");
}

TEST_CASE("Whatever else is at the address of a service is named, also after the service was there") {
  Looking looking;
  looking.process.body = R"([{"service":"audit","here":true}])";
  CHECK(looking.look().empty());
  looking.process.body = R"([{"service":"fraud","here":true},{"service":"notification","here":true}])";
  CHECK(looking.look() == "http://audit:3001 is not the audit service, but fraud and notification");
  const std::string stranger =
      "http://audit:3001 is not the audit service: no foodorder with --architecture=rest answers there";
  for (const char* body : {"", "<html>", "{}", "[1]"}) {
    looking.process.body = body;
    CHECK(looking.look() == stranger);
    CHECK(looking.error() == stranger);
  }
  looking.process.status = 404;
  looking.process.body = R"([{"service":"audit","here":true}])";
  CHECK(looking.look() == stranger);
}
