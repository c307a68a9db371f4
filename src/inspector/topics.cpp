#include "topics.hpp"

#include "bus_json.hpp"
#include "foodorder/base/yield.hpp"
#include "messages.hpp"
#include "topic_words.hpp"
#include "trouble.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace foodorder::inspector {

namespace {

constexpr Duration rate_window = std::chrono::seconds(60);

using Rates = std::map<std::string, double>;
using Groups = std::optional<std::vector<GroupDescription>>;

json::value readers_of(const std::string& topic, const Groups& groups) {
  if (!groups) return nullptr;
  json::array list;
  for (const GroupDescription& group : *groups) {
    std::int64_t lag = 0;
    bool reads = false;
    for (const GroupPartition& partition : group.partitions) {
      if (partition.tp.topic != topic) continue;
      reads = true;
      lag += partition.lag;
    }
    if (reads) list.push_back(json::object{{"group", group.group}, {"state", group.state}, {"lag", lag}});
  }
  return list;
}

json::object with_readers(const TopicDescription& topic, const Rates& rates, const Groups& groups) {
  json::object shown = to_json(topic);
  const auto rate = rates.find(topic.name);
  shown["recordsPerSecond"] = rate == rates.end() ? json::value(nullptr) : json::value(rate->second);
  shown["groups"] = readers_of(topic.name, groups);
  return shown;
}

class Topics {
 public:
  Topics(EventBus& bus, Clock& clock) : bus_(bus), clock_(clock) {}

  Task<http::Response> all() {
    const auto topics = co_await bus_.admin().topics();
    if (!topics) co_return trouble(topics.error());
    const Rates rates = co_await rates_of(*topics);
    const Groups groups = co_await known_groups();
    std::string list = "[";
    WorkPiece piece;
    for (const TopicDescription& topic : *topics) {
      if (piece.add(0)) co_await yield();
      if (list.back() != '[') list += ',';
      list += serialize_json(with_readers(topic, rates, groups));
    }
    co_return http::json_response(list + "]");
  }

  Task<http::Response> one(http::Request& request) {
    auto topic = co_await describe_topic(bus_, std::string(request.path_parameter("topic")));
    if (!topic) co_return trouble(topic.error());
    std::vector<TopicDescription> alone(1, *topic);
    const Rates rates = co_await rates_of(alone);
    const Groups groups = co_await known_groups();
    json::object shown = with_readers(*topic, rates, groups);
    shown["settings"] = nullptr;
    const auto settings = co_await bus_.admin().topic_settings(topic->name);
    if (settings) {
      json::array list;
      for (const TopicSetting& setting : *settings)
        list.push_back(json::object{{"name", setting.name},
                                    {"value", setting.value},
                                    {"changed", setting.changed},
                                    {"explanation", explain_setting(setting.name)}});
      shown["settings"] = std::move(list);
    }
    co_return http::json_response(serialize_json(shown));
  }

 private:
  /// Offsets that were written in the window, by second. None where the bus cannot tell offsets by time.
  Task<Rates> rates_of(const std::vector<TopicDescription>& topics) {
    Rates rates;
    std::vector<TopicPartition> partitions;
    std::vector<std::int64_t> ends;
    for (const TopicDescription& topic : topics)
      for (const PartitionDescription& one : topic.partitions) {
        partitions.emplace_back(topic.name, one.partition);
        ends.push_back(one.end_offset);
      }
    if (!bus_.features().seek_by_time) co_return rates;
    const auto begins =
        co_await bus_.admin().resolve(std::move(partitions), Where::at_time(clock_.now() - rate_window));
    if (!begins) co_return rates;
    constexpr double seconds = std::chrono::duration<double>(rate_window).count();
    for (std::size_t i = 0; i < begins->size(); ++i) {
      const Position& begin = (*begins)[i];
      rates[begin.tp.topic] += static_cast<double>(std::max<std::int64_t>(0, ends[i] - begin.offset)) / seconds;
    }
    co_return rates;
  }

  Task<Groups> known_groups() {
    auto groups = co_await bus_.admin().groups();
    if (!groups) co_return Groups();
    co_return std::move(*groups);
  }

  EventBus& bus_;
  Clock& clock_;
};

}  // namespace

std::vector<http::Route> topic_routes(EventBus& bus, Clock& clock) {
  const auto topics = std::make_shared<Topics>(bus, clock);
  std::vector<http::Route> routes;
  routes.emplace_back(http::Method::get, "/api/bus/topics", [topics](http::Request&) { return topics->all(); });
  routes.emplace_back(http::Method::get, "/api/bus/topics/{topic}",
                      [topics](http::Request& request) { return topics->one(request); });
  return routes;
}

}  // namespace foodorder::inspector
