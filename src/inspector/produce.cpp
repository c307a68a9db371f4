#include "produce.hpp"

#include "bus/partitioner.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/yield.hpp"
#include "http/json_body.hpp"
#include "messages.hpp"
#include "new_message.hpp"
#include "row.hpp"
#include "sender.hpp"
#include "trouble.hpp"

#include <fmt/format.h>

namespace foodorder::inspector {

namespace {

json::object to_json(const Position& position) {
  return {{"topic", position.tp.topic}, {"partition", position.tp.partition}, {"offset", position.offset}};
}

bool is_ndjson(const http::Request& request) {
  std::string_view type = request.header("Content-Type").value_or("");
  type = type.substr(0, type.find(';'));
  return type == "application/x-ndjson" || type == "application/jsonl";
}

json::object would_write(const NewMessages& asked, std::int32_t partitions) {
  json::array list;
  for (const ProducerRecord& record : asked.records) {
    json::object entry{{"topic", record.topic}, {"partition", nullptr}, {"bytes", size_in_bytes(*record.record)}};
    if (record.partition)
      entry["partition"] = *record.partition;
    else if (record.record->key())
      entry["partition"] = partition_for_key(*record.record->key(), partitions);
    list.push_back(std::move(entry));
  }
  return {{"dryRun", true}, {"records", std::move(list)}};
}

/// Some were refused: the problem of the first, with each line that was refused and all that was written.
http::Response partly(const NewMessages& asked, const std::vector<Result<Position>>& results) {
  json::array written;
  json::array errors;
  std::optional<Error> first;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i]) {
      json::object entry = to_json(*results[i]);
      entry["line"] = asked.lines[i];
      written.push_back(std::move(entry));
      continue;
    }
    const Error error = results[i].error();
    if (!first) first = error;
    constexpr std::size_t errors_max = 100;
    if (errors.size() < errors_max)
      errors.push_back(json::object{
          {"field", fmt::format("line {}", asked.lines[i])},
          {"message", error.code == Errc::outcome_unknown ? "it is not known whether it was written: " + error.message
                                                          : error.message}});
  }
  const Error whole(first->code,
                    fmt::format("{} of {} messages were written; {}", written.size(), results.size(), first->message));
  return trouble(whole, json::object{{"errors", std::move(errors)}, {"written", std::move(written)}});
}

class Produce {
 public:
  Produce(EventBus& bus, Clock& clock) : bus_(bus), clock_(clock) {}

  Task<http::Response> post(http::Request& request) {
    Problems errors;
    const bool dry_run = read_flag(request, "dryRun", errors);
    const bool many = is_ndjson(request);
    if (!many && !http::is_json_content_type(request.header("Content-Type").value_or("")))
      co_return http::unsupported_media_type(
          "", "send one message as Content-Type: application/json, or many as application/x-ndjson");
    const auto topic = co_await describe_topic(bus_, std::string(request.path_parameter("topic")));
    if (!topic) co_return trouble(topic.error());
    const auto partitions = static_cast<std::int32_t>(topic->partitions.size());
    NewMessages asked;
    if (many) {
      asked = co_await read_messages(request.body, topic->name, partitions, errors);
    } else {
      const auto parsed = parse_json(request.body);
      if (!parsed) co_return http::problem(400, "the body must be a JSON object: " + parsed.error().message);
      asked.records.push_back(read_message(*parsed, topic->name, partitions, "", errors));
      asked.lines.push_back(1);
    }
    if (asked.too_many)
      co_return http::problem(413,
                              fmt::format("a body has at most {} messages; send a large file in parts", messages_max));
    if (!errors.empty()) co_return refuse(errors);
    if (dry_run) co_return http::json_response(serialize_json(would_write(asked, partitions)));
    http::Response response = co_await write(asked, many);
    co_return response;
  }

  Task<http::Response> compact(http::Request& request) {
    json::object body;
    if (auto wrong = http::read_object(request, body)) co_return std::move(*wrong);
    Problems errors;
    http::check_fields(body, {}, errors);
    if (!errors.empty()) co_return refuse(errors);
    const std::string name(request.path_parameter("topic"));
    const auto before = co_await describe_topic(bus_, name);
    if (!before) co_return trouble(before.error());
    const auto done = co_await bus_.admin().compact(name);
    if (!done && done.error().code == Errc::unsupported)
      co_return http::problem(409,
                              "a broker compacts by itself: segment.ms, min.cleanable.dirty.ratio and "
                              "max.compaction.lag.ms of the topic say when");
    if (!done) co_return trouble(done.error());
    const auto after = co_await describe_topic(bus_, name);
    if (!after) co_return trouble(after.error());
    co_return http::json_response(serialize_json(what_went(*before, *done, *after)));
  }

 private:
  static http::Response refuse(const Problems& errors) {
    return http::unprocessable("", "nothing was done: the request has values that are not allowed", errors);
  }

  Task<http::Response> write(const NewMessages& asked, bool many) {
    Sender sender(bus_, clock_);
    std::vector<ProducerRecord> records = asked.records;
    const auto results = co_await sender.send(std::move(records));
    json::array written;
    for (const Result<Position>& result : results) {
      if (!result) co_return partly(asked, results);
      written.push_back(to_json(*result));
    }
    if (many) co_return http::json_response(serialize_json(written), 201);
    co_return http::json_response(serialize_json(written.front()), 201);
  }

  static json::object what_went(const TopicDescription& before, const Compaction& done, const TopicDescription& after) {
    json::array removed;
    for (const Compaction::Removed& one : done.removed)
      removed.push_back(json::object{{"partition", one.position.tp.partition},
                                     {"offset", one.position.offset},
                                     {"key", bytes_to_json(one.key)},
                                     {"tombstone", one.tombstone}});
    json::array partitions;
    for (std::size_t i = 0; i < std::min(before.partitions.size(), after.partitions.size()); ++i)
      partitions.push_back(json::object{{"partition", before.partitions[i].partition},
                                        {"recordsBefore", before.partitions[i].records},
                                        {"recordsAfter", after.partitions[i].records},
                                        {"bytesBefore", before.partitions[i].size_bytes},
                                        {"bytesAfter", after.partitions[i].size_bytes}});
    return {{"topic", after.name},
            {"records", done.records},
            {"bytes", done.bytes},
            {"removed", std::move(removed)},
            {"partitions", std::move(partitions)}};
  }

  EventBus& bus_;
  Clock& clock_;
};

}  // namespace

std::vector<http::Route> produce_routes(EventBus& bus, Clock& clock) {
  const auto produce = std::make_shared<Produce>(bus, clock);
  std::vector<http::Route> routes;
  routes.emplace_back(
      http::Method::post, "/api/bus/topics/{topic}/messages",
      [produce](http::Request& request) { return produce->post(request); }, http::Access::control);
  routes.back().body_max_bytes = messages_max_bytes;
  routes.emplace_back(
      http::Method::post, "/api/bus/topics/{topic}/compact",
      [produce](http::Request& request) { return produce->compact(request); }, http::Access::control);
  return routes;
}

}  // namespace foodorder::inspector
