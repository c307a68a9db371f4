#pragma once

#include "inspector/inspector.hpp"

#include "bus_memory/memory_bus.hpp"
#include "foodorder/base/json.hpp"
#include "support/catch.hpp"
#include "support/virtual_loop.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <string>
#include <vector>

namespace foodorder::test {

/// A memory bus with a topic `orders` of two partitions, one `state` that is compacted, `orders-dlq`, and the
/// inspector's answers about them.
class Inspected {
 public:
  Inspected()
      : bus(make_memory_bus(loop.context.get_executor(), loop.clock, {})), routes(inspector_routes(*bus, loop.clock)) {
    std::vector<TopicSpec> topics;
    topics.emplace_back("orders", 2);
    topics.emplace_back("state", 1, Cleanup::by_compaction);
    topics.back().config["delete.retention.ms"] = "0";
    topics.emplace_back("orders-dlq", 1);
    const auto made = loop.run(bus->admin().ensure_topics(std::move(topics)));
    REQUIRE(made.value().has_value());
    producer = bus->producer(ProducerSpec("test"));
  }

  Position put(std::string topic, Record record, std::optional<std::int32_t> partition = {}) {
    ProducerRecord outgoing(std::move(topic), std::move(record));
    outgoing.partition = partition;
    const auto sent = loop.run(producer->send(std::move(outgoing)));
    REQUIRE(sent.value().has_value());
    return sent->value();
  }
  void put(std::int32_t partition, std::string value) { put("orders", Record("key", value), partition); }

  http::Response ask(http::Method method, const std::string& path, const std::string& query = "",
                     const std::string& body = "", const std::string& type = "application/json",
                     const std::string& if_match = "") {
    http::Request request;
    request.method = method;
    request.query_string = query;
    request.body = body;
    request.fields.emplace_back("Content-Type", type);
    if (!if_match.empty()) request.fields.emplace_back("If-Match", if_match);
    const auto route = std::find_if(routes.begin(), routes.end(), [&](const http::Route& it) {
      return it.method == method && fits(it.pattern, path, request);
    });
    REQUIRE(route != routes.end());
    auto answer = loop.run(route->handler(request));
    REQUIRE(answer);
    return std::move(*answer);
  }

  json::object get(const std::string& path, const std::string& query = "") {
    const http::Response answer = ask(http::Method::get, path, query);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return parse_json(answer.body).value().as_object();
  }
  json::value post(const std::string& path, const std::string& body, int status = 200) {
    const http::Response answer = ask(http::Method::post, path, "", body);
    INFO(answer.body);
    REQUIRE(answer.status == status);
    return parse_json(answer.body).value();
  }

  /// All that a stream says until it waits or ends.
  std::string read(http::Response& response) {
    REQUIRE(response.stream);
    std::string text;
    for (;;) {
      const auto chunks = loop.run(response.stream->next());
      if (!chunks || chunks->empty()) return text;
      for (const http::Chunk& chunk : *chunks) text += *chunk;
    }
  }
  std::vector<json::object> lines(const std::string& query, const std::string& topic = "orders") {
    http::Response response = ask(http::Method::get, "/api/bus/topics/" + topic + "/messages", query);
    INFO(response.body);
    REQUIRE(response.status == 200);
    return split(read(response));
  }
  static std::vector<json::object> split(std::string_view text) {
    std::vector<json::object> lines;
    while (!text.empty()) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(line.size() + 1);
      lines.push_back(parse_json(line).value().as_object());
    }
    return lines;
  }

  VirtualLoop loop;
  std::unique_ptr<EventBus> bus;
  std::unique_ptr<Producer> producer;
  std::vector<http::Route> routes;

 private:
  /// Whether the pattern has that path; puts what its names stand for into the request.
  static bool fits(std::string_view pattern, std::string_view path, http::Request& request) {
    request.path_parameters.clear();
    while (!pattern.empty() && !path.empty()) {
      const std::string_view wanted = pattern.substr(0, pattern.find('/', 1));
      const std::string_view part = path.substr(0, path.find('/', 1));
      if (wanted.starts_with("/{"))
        request.path_parameters.emplace_back(wanted.substr(2, wanted.size() - 3), part.substr(1));
      else if (wanted != part)
        return false;
      pattern.remove_prefix(wanted.size());
      path.remove_prefix(part.size());
    }
    return pattern.empty() && path.empty();
  }
};

/// A stream that is read on while time passes.
class Reading {
 public:
  Reading(Inspected& inspected, const std::string& path, const std::string& query)
      : response_(inspected.ask(http::Method::get, path, query)) {
    REQUIRE(response_.stream);
    asio::co_spawn(inspected.loop.context, run(*this), asio::detached);
  }

  void close() { response_.stream->close(); }
  [[nodiscard]] bool ended() const { return ended_; }
  std::vector<json::object> take() { return Inspected::split(std::exchange(text_, "")); }

 private:
  static Task<> run(Reading& self) {
    for (;;) {
      const auto chunks = co_await self.response_.stream->next();
      if (chunks.empty()) break;
      for (const http::Chunk& chunk : chunks) self.text_ += *chunk;
    }
    self.ended_ = true;
  }

  http::Response response_;
  std::string text_;
  bool ended_ = false;
};

/// "partition@offset" of each message.
template <class Messages>
std::vector<std::string> places(const Messages& messages) {
  std::vector<std::string> found;
  for (const auto& entry : messages) {
    const json::object& message = [&]() -> const json::object& {
      if constexpr (std::is_same_v<std::decay_t<decltype(entry)>, json::object>)
        return entry;
      else
        return entry.as_object();
    }();
    if (message.contains("offset"))
      found.push_back(serialize_json(message.at("partition")) + "@" + serialize_json(message.at("offset")));
  }
  return found;
}

using Places = std::vector<std::string>;

}  // namespace foodorder::test
