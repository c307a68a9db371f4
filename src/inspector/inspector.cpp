#include "inspector.hpp"

#include "bus_json.hpp"
#include "foodorder/domain/json.hpp"
#include "message_filter.hpp"

#include <fmt/format.h>

namespace foodorder {

namespace {

using inspector::MessageQuery;

// A filter that matches little reads no more than this of a partition for one answer; `next` continues.
constexpr std::size_t records_scanned_max = 20'000;

http::Response not_found(std::string_view what, std::string_view name) {
  return http::problem(404, "", "Not Found", fmt::format("there is no {} {}", what, name));
}

http::Response bus_trouble(const Error& error) {
  if (error.code == Errc::not_found) return http::problem(404, "", "Not Found", error.message);
  http::Response response = http::problem(503, "", "Service Unavailable", error.message);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

template <class Description>
http::Response list_of(const std::vector<Description>& descriptions) {
  json::array list;
  for (const Description& description : descriptions) list.push_back(inspector::to_json(description));
  return http::json_response(serialize_json(list));
}

/// What was found in one partition, and where to continue; none when its end was reached.
struct Found {
  std::vector<ConsumerRecord> records;
  std::optional<std::int64_t> next_offset;
};

class Inspector {
 public:
  explicit Inspector(EventBus& bus) : bus_(bus) {}

  Task<http::Response> topics() {
    const auto described = co_await bus_.admin().topics();
    if (!described) co_return bus_trouble(described.error());
    co_return list_of(*described);
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
    co_return list_of(*described);
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
    if (!errors.empty())
      co_return http::problem(422, "", "Unprocessable Content", "the query has values that are not allowed", errors);
    http::Response response = co_await read(*found, query);
    co_return response;
  }

 private:
  Task<http::Response> read(const TopicDescription& topic, const MessageQuery& query) {
    std::vector<ConsumerRecord> records;
    json::array next;
    for (const PartitionDescription& partition : topic.partitions) {
      if (query.partition && *query.partition != partition.partition) continue;
      const TopicPartition tp(topic.name, partition.partition);
      const Result<Found> found = co_await read_partition(tp, partition, query);
      if (!found) co_return bus_trouble(found.error());
      records.insert(records.end(), found->records.begin(), found->records.end());
      if (found->next_offset)
        next.push_back(json::object{{"partition", partition.partition}, {"offset", *found->next_offset}});
    }
    const auto by_time = [](const ConsumerRecord& a, const ConsumerRecord& b) {
      return std::pair(a.record->timestamp, a.position) < std::pair(b.record->timestamp, b.position);
    };
    std::sort(records.begin(), records.end(), by_time);
    json::array messages;
    for (const ConsumerRecord& record : records) messages.push_back(inspector::to_json(record));
    co_return http::json_response(
        serialize_json(json::object{{"messages", std::move(messages)}, {"next", std::move(next)}}));
  }

  Task<Result<Found>> read_partition(const TopicPartition& tp, const PartitionDescription& partition,
                                     const MessageQuery& query) {
    std::int64_t offset = partition.end_offset - static_cast<std::int64_t>(query.limit);
    if (!query.newest) {
      std::vector<TopicPartition> one(1, tp);
      const auto resolved = co_await bus_.admin().resolve(std::move(one), query.from);
      if (!resolved) co_return resolved.error();
      offset = resolved->front().offset;
    }
    Found found;
    std::size_t scanned = 0;
    while (found.records.size() < query.limit) {
      const auto page = co_await bus_.admin().read(tp, std::max<std::int64_t>(offset, 0), ReadLimits());
      if (!page) co_return page.error();
      for (const ConsumerRecord& record : page->records) {
        offset = record.position.offset + 1;
        if (query.matches(*record.record)) found.records.push_back(record);
        if (found.records.size() == query.limit) break;
      }
      scanned += page->records.size();
      if (page->records.empty() || offset >= page->end_offset) co_return found;
      if (scanned >= records_scanned_max) break;
    }
    found.next_offset = offset;
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
