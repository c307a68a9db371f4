#include "topic_watch.hpp"

#include "client.hpp"
#include "foodorder/base/log.hpp"
#include "offsets.hpp"
#include "topic_admin.hpp"

#include <fmt/format.h>
#include <chrono>

namespace foodorder::kafka {

namespace {

constexpr Duration look_interval = std::chrono::seconds(2);
/// A broker that has just started may not know all topics yet.
constexpr int missed_max = 2;

}  // namespace

void TopicWatch::start() {
  if (started_) return;
  started_ = true;
  look_now();
}

void TopicWatch::stop() {
  started_ = false;
  if (timer_ != 0) client_.clock().cancel(timer_);
}

void TopicWatch::expect(const std::vector<TopicSpec>& topics) {
  for (const TopicSpec& topic : topics) expected_.insert_or_assign(topic.name, topic);
  start();
}

std::string TopicWatch::log_of(const std::string& topic) const {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return {};
  return found->second.id.empty() ? fmt::format("seen-{}", found->second.came_back) : found->second.id;
}

TopicIds TopicWatch::logs_of(const std::vector<std::string>& topics) const {
  TopicIds logs;
  for (const std::string& topic : topics) logs.emplace(topic, log_of(topic));
  return logs;
}

void TopicWatch::saw(const TopicIds& ids) {
  for (const auto& [name, id] : ids) {
    Topic& topic = topics_[name];
    if (id == topic.id || id == topic.previous_id) continue;
    topic.previous_id = std::exchange(topic.id, id);
    if (topic.previous_id.empty()) continue;
    log::warn("kafka: topic {} was deleted and made again: its consumers read the new log", name);
    client_.tail().replace(name);
    ++version_;
  }
}

// --------------------------------------------------------------------------------------------------- looks

void TopicWatch::look_again() {
  timer_ = client_.clock().call_at(client_.clock().now() + look_interval, [weak = client_.weak_from_this()] {
    const auto client = weak.lock();
    if (client && !client->stopped()) client->topic_watch().look_now();
  });
}

void TopicWatch::look_now() {
  timer_ = 0;
  std::function<Result<Look>()> job = [rk = client_.producer(), with_settings = client_.mock() == nullptr,
                                       with_ids = client_.knows_topic_ids(), expected = expected_] {
    return look(rk.get(), with_settings, with_ids, expected);
  };
  std::function<void(Result<Look>)> done = [weak = client_.weak_from_this()](const Result<Look>& found) {
    const auto client = weak.lock();
    if (!client || client->stopped()) return;
    TopicWatch& watch = client->topic_watch();
    if (found) watch.take(*found);  // BrokerWatch reports a broker that does not answer
    watch.look_again();
  };
  client_.off_loop_then(std::move(job), std::move(done));
}

Result<TopicWatch::Look> TopicWatch::look(rd_kafka_t* rk, bool with_settings, bool with_ids, const Expected& expected) {
  Look found;
  auto partitions = partition_counts(rk, {});
  if (!partitions) return partitions.error();
  found.partitions = std::move(*partitions);
  if (with_ids) {
    auto ids = topic_ids(rk);
    if (!ids) return ids.error();
    found.ids = std::move(*ids);
  }
  std::vector<TopicSpec> specs;
  for (const auto& [name, spec] : expected) specs.push_back(spec);
  const auto as_asked = check_topics(rk, with_settings, specs, found.partitions);
  if (!as_asked && as_asked.error().code == Errc::unavailable) return as_asked.error();
  if (!as_asked) found.trouble = as_asked.error().message;
  return found;
}

void TopicWatch::take(const Look& look) {
  for (const auto& [name, count] : look.partitions) {
    Topic& topic = topics_[name];
    const bool came_back = std::exchange(topic.missed, 0) >= missed_max;
    const std::int32_t before = std::exchange(topic.partitions, count);
    if (came_back && topic.id.empty()) {
      ++topic.came_back;
      client_.tail().replace(name);
    }
    if (before != 0 && (came_back || before != count)) ++version_;
  }
  for (auto& [name, topic] : topics_)
    if (!look.partitions.contains(name)) ++topic.missed;
  saw(look.ids);
  set_trouble(look.trouble);
}

void TopicWatch::set_trouble(const std::optional<std::string>& found) {
  const bool twice = found == doubt_;
  doubt_ = found;
  if (!twice || found == trouble_) return;
  trouble_ = found;
  if (trouble_)
    log::error("kafka: {}", *trouble_);
  else
    log::warn("kafka: the topics are as they should be");
}

}  // namespace foodorder::kafka
