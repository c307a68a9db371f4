#include "inspector.hpp"

#include "bus_json.hpp"
#include "foodorder/base/give_way.hpp"
#include "foodorder/base/json.hpp"
#include "message_filter.hpp"
#include "message_scan.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder {

namespace {

using inspector::Found;
using inspector::MessageQuery;
using inspector::MessageScan;

// The records of one answer, whose JSON is some times larger; `next` and `previous` continue.
constexpr std::size_t answer_max_bytes = 4 << 20;

http::Response not_found(std::string_view what, std::string_view name) {
  return http::not_found("", fmt::format("there is no {} {}", what, name));
}

http::Response bus_trouble(const Error& error) {
  if (error.code == Errc::not_found) return http::not_found("", error.message);
  return http::unavailable("", error.message);
}

/// A JSON array that grows by one value after the other, so that a long one is made in pieces.
void add_to_array(std::string& array, const json::object& value) {
  if (array.back() != '[') array += ',';
  array += serialize_json(value);
}

template <class Description>
Task<http::Response> list_of(const std::vector<Description>& descriptions) {
  std::string list = "[";
  WorkPiece piece;
  for (const Description& description : descriptions) {
    if (piece.add(0)) co_await give_way();
    add_to_array(list, inspector::to_json(description));
  }
  co_return http::json_response(list + "]");
}

json::object cursor(std::int32_t partition, std::int64_t offset) {
  return {{"partition", partition}, {"offset", offset}};
}

class Inspector {
 public:
  explicit Inspector(EventBus& bus) : bus_(bus) {}

  Task<http::Response> topics() {
    const auto described = co_await bus_.admin().topics();
    if (!described) co_return bus_trouble(described.error());
    http::Response response = co_await list_of(*described);
    co_return response;
  }

  Task<http::Response> topic(http::Request& request) {
    const std::string_view name = request.path_parameter("topic");
    const auto described = co_await bus_.admin().topics();
    if (!described) co_return bus_trouble(described.error());
    for (const TopicDescription& topic : *described)
      if (topic.name == name) co_return http::json_response(serialize_json(inspector::to_json(topic)));
    co_return not_found("topic", name);
  }

  Task<http::Response> groups() {
    const auto described = co_await bus_.admin().groups();
    if (!described) co_return bus_trouble(described.error());
    http::Response response = co_await list_of(*described);
    co_return response;
  }

  Task<http::Response> group(http::Request& request) {
    const std::string_view name = request.path_parameter("group");
    const auto described = co_await bus_.admin().groups();
    if (!described) co_return bus_trouble(described.error());
    for (const GroupDescription& group : *described)
      if (group.group == name) co_return http::json_response(serialize_json(inspector::to_json(group)));
    co_return not_found("group", name);
  }

  Task<http::Response> messages(http::Request& request) {
    const std::string topic(request.path_parameter("topic"));
    const auto described = co_await bus_.admin().topics();
    if (!described) co_return bus_trouble(described.error());
    const auto same = [&](const TopicDescription& candidate) { return candidate.name == topic; };
    const auto found = std::find_if(described->begin(), described->end(), same);
    if (found == described->end()) co_return not_found("topic", topic);
    std::vector<http::ProblemField> errors;
    const auto query = MessageQuery::from_request(request, static_cast<std::int32_t>(found->partitions.size()), errors);
    if (!errors.empty()) co_return http::unprocessable("", "the query has values that are not allowed", errors);
    http::Response response = co_await read(*found, query);
    co_return response;
  }

 private:
  Task<http::Response> read(const TopicDescription& topic, const MessageQuery& query) {
    std::vector<ConsumerRecord> records;
    json::array next;
    json::array previous;
    const std::size_t partitions = query.partition ? 1 : topic.partitions.size();
    for (const PartitionDescription& partition : topic.partitions) {
      if (query.partition && *query.partition != partition.partition) continue;
      const TopicPartition tp(topic.name, partition.partition);
      const Result<Found> found = co_await read_partition(tp, partition, query, answer_max_bytes / partitions);
      if (!found) co_return bus_trouble(found.error());
      records.insert(records.end(), found->records.begin(), found->records.end());
      if (found->next) next.push_back(cursor(partition.partition, *found->next));
      if (found->previous) previous.push_back(cursor(partition.partition, *found->previous));
    }
    const auto by_time = [](const ConsumerRecord& a, const ConsumerRecord& b) {
      return std::pair(a.record->timestamp, a.position) < std::pair(b.record->timestamp, b.position);
    };
    std::sort(records.begin(), records.end(), by_time);
    JsonObject body;
    std::string& list = body.begin("messages");
    list += '[';
    WorkPiece piece;
    for (const ConsumerRecord& record : records) {
      if (piece.add(size_in_bytes(*record.record))) co_await give_way();
      add_to_array(list, inspector::to_json(record));
    }
    list += ']';
    body.add_raw("next", serialize_json(next)).add_raw("previous", serialize_json(previous));
    co_return http::json_response(body.take());
  }

  Task<Result<Found>> read_partition(const TopicPartition& tp, const PartitionDescription& partition,
                                     const MessageQuery& query, std::size_t bytes_max) {
    MessageScan scan(bus_.admin(), tp, query, bytes_max);
    if (query.newest) {
      const std::int64_t end = std::min(query.before.value_or(partition.end_offset), partition.end_offset);
      Result<Found> found = co_await scan.before(end, partition.start_offset);
      co_return found;
    }
    std::vector<TopicPartition> one(1, tp);
    const auto resolved = co_await bus_.admin().resolve(std::move(one), query.from);
    if (!resolved) co_return resolved.error();
    Result<Found> found = co_await scan.from(resolved->front().offset);
    co_return found;
  }

  EventBus& bus_;
};

}  // namespace

std::vector<http::Route> inspector_routes(EventBus& bus) {
  const auto inspect = std::make_shared<Inspector>(bus);
  const auto get = http::Method::get;
  std::vector<http::Route> routes;
  routes.emplace_back(get, "/api/bus/topics", [inspect](http::Request&) { return inspect->topics(); });
  routes.emplace_back(get, "/api/bus/topics/{topic}", [inspect](http::Request& r) { return inspect->topic(r); });
  routes.emplace_back(get, "/api/bus/topics/{topic}/messages",
                      [inspect](http::Request& r) { return inspect->messages(r); });
  routes.emplace_back(get, "/api/bus/groups", [inspect](http::Request&) { return inspect->groups(); });
  routes.emplace_back(get, "/api/bus/groups/{group}", [inspect](http::Request& r) { return inspect->group(r); });
  return routes;
}

}  // namespace foodorder
