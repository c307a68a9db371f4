#include "system_feed.hpp"

#include "foodorder/base/concat.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/yield.hpp"
#include "inspector/bus_json.hpp"

#include <fmt/format.h>

namespace foodorder::app {

namespace {

constexpr Duration snapshot_interval = std::chrono::milliseconds(250);
constexpr Duration heartbeat_interval = std::chrono::seconds(5);

// With data: clients there are that take an event without for a broken one.
std::string heartbeat() {
  return concat("event: heartbeat\ndata: ", JsonObject().add("type", "heartbeat").take(), "\n\n");
}

}  // namespace

/// The newest snapshot. It outlives the feed where a client is still connected.
struct SystemFeed::Shared {
  http::Chunk newest;
  std::uint64_t version = 0;
  std::size_t clients = 0;
  bool stopped = false;
  Condition changed;  ///< another snapshot, or stopped
  Condition wanted;   ///< a client has come, or stopped
};

/// One client: it holds no more than the version that it has seen, so a slow one skips snapshots.
class SystemFeed::Stream final : public http::BodyStream {
 public:
  Stream(std::shared_ptr<Shared> shared, Clock& clock) : shared_(std::move(shared)), clock_(clock) {
    if (shared_->clients++ == 0) seen_ = shared_->version;  // what is there is from before everybody left
    shared_->wanted.notify_all();
  }
  ~Stream() override { --shared_->clients; }

  Task<std::vector<http::Chunk>> next() override {
    std::vector<http::Chunk> chunks;
    if (!greeted_) {
      greeted_ = true;
      chunks.push_back(http::make_chunk("retry: 2000\n" + heartbeat()));
      co_return chunks;
    }
    if (!closed_ && !shared_->stopped && seen_ == shared_->version)
      co_await shared_->changed.wait_until(clock_, clock_.now() + heartbeat_interval, &waiter_);
    if (closed_ || shared_->stopped) co_return chunks;
    if (seen_ == shared_->version)
      chunks.push_back(http::make_chunk(heartbeat()));
    else
      chunks.push_back(shared_->newest);
    seen_ = shared_->version;
    co_return chunks;
  }

  void close() override {
    closed_ = true;
    waiter_.complete(Wake{});
  }

 private:
  std::shared_ptr<Shared> shared_;
  Clock& clock_;
  Waiter<Wake> waiter_;
  std::uint64_t seen_ = 0;
  bool greeted_ = false;
  bool closed_ = false;
};

SystemFeed::SystemFeed(Architecture& architecture, Clock& clock, ControlPlane& control, const LoadGenerator& load,
                       std::string brokers)
    : architecture_(architecture),
      bus_(architecture.bus()),
      clock_(clock),
      control_(control),
      load_(load),
      brokers_(std::move(brokers)),
      shared_(std::make_shared<Shared>()) {}

Task<> SystemFeed::run() {
  std::string last;
  while (!shared_->stopped) {
    if (shared_->clients == 0) {
      last.clear();
      co_await shared_->wanted.wait();
      continue;
    }
    std::string now = co_await snapshot();
    if (now != last) {
      JsonObject event;
      event.add("type", "system").add_raw("data", now).add("timestamp", clock_.now());
      shared_->newest = http::make_chunk(concat("data: ", event.take(), "\n\n"));
      ++shared_->version;
      last = std::move(now);
      shared_->changed.notify_all();
    }
    co_await sleep_for(clock_, snapshot_interval);
  }
}

void SystemFeed::stop() {
  shared_->stopped = true;
  shared_->wanted.notify_all();
  shared_->changed.notify_all();
}

Task<std::string> SystemFeed::snapshot() {
  json::object body{{"bus", bus_.name()}};
  if (!brokers_.empty()) body["brokers"] = brokers_;
  if (const auto trouble = bus_.trouble()) body["trouble"] = *trouble;
  co_await yield();
  const auto topics = co_await bus_.admin().topics();
  json::array topic_list;
  if (topics)
    for (const TopicDescription& topic : *topics) {
      json::object entry = inspector::to_json(topic);
      entry.erase("config");
      topic_list.push_back(std::move(entry));
    }
  co_await yield();
  const auto groups = co_await bus_.admin().groups();
  json::array group_list;
  if (groups)
    for (const GroupDescription& group : *groups) group_list.push_back(inspector::to_json(group));
  co_await yield();
  json::array modules;
  for (json::object& module : control_.directory().modules()) {
    module.erase("timestamp");  // it changes every second and says nothing new
    modules.push_back(std::move(module));
  }
  json::object architecture = co_await architecture_.snapshot();
  body["architecture"] = std::move(architecture);
  body["topics"] = std::move(topic_list);
  body["groups"] = std::move(group_list);
  body["modules"] = std::move(modules);
  body["load"] = load_.status();
  co_return serialize_json(body);
}

Task<http::Response> SystemFeed::connect(std::shared_ptr<Shared> shared, Clock& clock) {
  http::Response response(200, "text/event-stream", "");
  response.stream = std::make_unique<Stream>(std::move(shared), clock);
  co_return response;
}

std::vector<http::Route> SystemFeed::routes() {
  std::vector<http::Route> routes;
  routes.emplace_back(http::Method::get, "/events/system",
                      [shared = shared_, &clock = clock_](http::Request&) { return connect(shared, clock); });
  return routes;
}

}  // namespace foodorder::app
