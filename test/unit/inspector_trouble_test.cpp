#include "inspected.hpp"

#include <functional>
#include <stdexcept>

using namespace foodorder;
using namespace foodorder::test;
using http::Method;

namespace {

const std::string messages = "/api/bus/topics/orders/messages";

/// A bus to which something happens while it is asked.
class TroubledAdmin final : public Admin {
 public:
  explicit TroubledAdmin(Admin& inner) : inner_(inner) {}

  Task<Result<void>> ensure_topics(std::vector<TopicSpec> topics) override {
    return inner_.ensure_topics(std::move(topics));
  }
  Task<Result<std::vector<TopicDescription>>> topics() override { return inner_.topics(); }
  Task<Result<std::vector<GroupDescription>>> groups() override {
    if (std::exchange(groups_throw, false)) throw std::runtime_error("planted");
    return inner_.groups();
  }
  Task<Result<std::vector<Position>>> resolve(std::vector<TopicPartition> partitions, Where where) override {
    return inner_.resolve(std::move(partitions), where);
  }
  Task<Result<void>> reset_offsets(std::string group, std::vector<Position> next_offsets) override {
    return inner_.reset_offsets(std::move(group), std::move(next_offsets));
  }
  Task<Result<void>> delete_group(std::string group) override { return inner_.delete_group(std::move(group)); }
  Task<Result<ReadPage>> read(TopicPartition partition, std::int64_t offset, ReadLimits limits) override {
    if (reads_left > 0) --reads_left;
    if (reads_left == 0 && instead) co_return instead();
    Result<ReadPage> page = co_await inner_.read(std::move(partition), offset, limits);
    co_return page;
  }
  Task<Result<std::vector<TopicSetting>>> topic_settings(std::string topic) override {
    return inner_.topic_settings(std::move(topic));
  }
  Task<Result<Compaction>> compact(std::string topic) override { return inner_.compact(std::move(topic)); }

  int reads_left = 0;                         ///< that go well
  std::function<Result<ReadPage>()> instead;  ///< what those after them get
  bool groups_throw = false;                  ///< once

 private:
  Admin& inner_;
};

class RefusingProducer final : public Producer {
 public:
  explicit RefusingProducer(Error error) : error_(std::move(error)) {}
  Task<Result<Position>> send(ProducerRecord) override { co_return error_; }
  Task<std::vector<Result<Position>>> send_all(std::vector<ProducerRecord> records) override {
    co_return std::vector<Result<Position>>(records.size(), error_);
  }
  Task<> close() override { co_return; }

 private:
  const Error error_;
};

class TroubledBus final : public EventBus {
 public:
  explicit TroubledBus(EventBus& inner) : troubled(inner.admin()), inner_(inner) {}

  std::string_view name() const override { return inner_.name(); }
  Features features() const override { return inner_.features(); }
  std::optional<std::string> trouble() const override { return {}; }
  Task<Result<std::string>> log_id(std::vector<std::string> topics) override {
    return inner_.log_id(std::move(topics));
  }
  std::unique_ptr<Producer> producer(ProducerSpec spec) override {
    if (refusal) return std::make_unique<RefusingProducer>(*refusal);
    return inner_.producer(std::move(spec));
  }
  std::unique_ptr<Consumer> subscribe(ConsumerSpec spec) override { return inner_.subscribe(std::move(spec)); }
  Admin& admin() override { return troubled; }

  TroubledAdmin troubled;
  std::optional<Error> refusal;  ///< of all that is written

 private:
  EventBus& inner_;
};

class Troubled : public Inspected {
 public:
  Troubled() : bus_in_trouble(*bus) { routes = inspector_routes(bus_in_trouble, loop.clock); }

  TroubledBus bus_in_trouble;
};

Result<ReadPage> no_topic() { return Error(Errc::not_found, "no partition orders-0"); }

/// An empty log, as it is after a topic was made again.
Result<ReadPage> empty_log() { return ReadPage(); }

}  // namespace

TEST_CASE("A topic that vanishes while it is read ends a stream with what was read and why no more comes") {
  for (const auto& [instead, why] : {std::pair(&no_topic, "no partition"), std::pair(&empty_log, "made again")}) {
    Troubled troubled;
    for (int i = 0; i < 5'000; ++i) troubled.put(0, "v");
    troubled.bus_in_trouble.troubled.reads_left = 3;
    troubled.bus_in_trouble.troubled.instead = instead;
    const auto lines = troubled.lines("stream&partition=0");
    INFO(why);
    REQUIRE(lines.back().contains("problem"));
    CHECK(std::string(lines.back().at("problem").at("detail").as_string()).find(why) != std::string::npos);
    const json::object& progress = lines.at(lines.size() - 2).at("progress").as_object();
    CHECK(progress.at("read").as_int64() == 2'000);
    CHECK(serialize_json(progress.at("next")) == R"([{"partition":0,"offset":2000}])");
  }
}

TEST_CASE("A topic that vanishes while it is exported breaks the file off, so that nobody takes it for whole") {
  Troubled troubled;
  for (int i = 0; i < 3'000; ++i) troubled.put(0, "v");
  troubled.bus_in_trouble.troubled.reads_left = 3;
  troubled.bus_in_trouble.troubled.instead = &no_topic;
  for (const char* type : {"ndjson", "csv"}) {
    http::Response file = troubled.ask(Method::get, messages, std::string("partition=0&export=") + type);
    CHECK_THROWS_WITH(troubled.read(file), "an export broke off: no partition orders-0");
  }
}

TEST_CASE("A topic that vanishes while a page is read is a 404") {
  Troubled troubled;
  troubled.put(0, "v");
  troubled.bus_in_trouble.troubled.instead = &no_topic;
  CHECK(troubled.ask(Method::get, messages, "partition=0&from=0").status == 404);
}

TEST_CASE("What a broker does not let us write is a 403 that says which line and that nothing was written") {
  Troubled troubled;
  troubled.bus_in_trouble.refusal = Error(Errc::not_authorized, "not allowed to write to orders");
  const std::string lines = "{\"value\":\"1\"}\n{\"value\":\"2\"}\n";
  const http::Response refused = troubled.ask(Method::post, messages, "", lines, "application/x-ndjson");
  CHECK(refused.status == 403);
  const json::object problem = parse_json(refused.body).value().as_object();
  CHECK(problem.at("detail").as_string() == "0 of 2 messages were written; not allowed to write to orders");
  CHECK(problem.at("errors").at(1).at("field").as_string() == "line 2");
  CHECK(problem.at("written").as_array().empty());
}

TEST_CASE("Letters that a broker does not take are told one by one, and can go again") {
  Troubled troubled;
  const Position origin = troubled.put("orders", Record("a", "v"), 0);
  Headers headers{Header("kafka_dlt-original-topic", "orders"), Header("kafka_dlt-original-partition", "0")};
  headers.add("kafka_dlt-original-offset", std::to_string(origin.offset));
  troubled.put("orders-dlq", Record("a", "v", std::move(headers)));
  troubled.bus_in_trouble.refusal = Error(Errc::too_large, "a record of 2 bytes; orders takes 1");
  const json::value refused = troubled.post("/api/bus/dlq/redrive", R"({"all":true})");
  CHECK(refused.at("notSent").as_int64() == 1);
  CHECK(refused.at("records").at(0).at("why").as_string() == "a record of 2 bytes; orders takes 1");
  troubled.bus_in_trouble.refusal.reset();
  CHECK(troubled.post("/api/bus/dlq/redrive", R"({"all":true})").at("sent").as_int64() == 1);
}

TEST_CASE("A reset that ends with an exception lets the next one go on") {
  Troubled troubled;
  troubled.put(0, "v");
  const std::string path = "/api/bus/groups/mine/offsets";
  troubled.bus_in_trouble.troubled.groups_throw = true;
  CHECK_THROWS(troubled.ask(Method::post, path, "", R"({"to":"earliest","topics":["orders"]})"));
  CHECK(troubled.ask(Method::post, path, "", R"({"to":"earliest","topics":["orders"]})").status == 200);
}
