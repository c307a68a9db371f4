#include "order_world.hpp"

#include "foodorder/http/conditions.hpp"
#include "foodorder/runtime/topics.hpp"
#include "order/module.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace foodorder::test {

class HoldingProducer final : public Producer {
 public:
  HoldingProducer(HoldingBus& bus, std::unique_ptr<Producer> inner) : bus_(bus), inner_(std::move(inner)) {}

  Task<Result<Position>> send(ProducerRecord record) override {
    if (record.topic == topics::orders) {
      if (bus_.hold) co_await park<Wake>([&](Waiter<Wake> waiter) { bus_.held_.push_back(std::move(waiter)); });
      if (bus_.refuse) co_return Error(*bus_.refuse, "refused by the test");
    }
    const bool lost = record.topic == topics::orders && bus_.lose_acknowledgements;
    auto sent = co_await inner_->send(std::move(record));
    if (lost) co_return Error(Errc::outcome_unknown, "lost by the test");
    co_return sent;
  }
  Task<std::vector<Result<Position>>> send_all(std::vector<ProducerRecord> records) override {
    return inner_->send_all(std::move(records));
  }
  Task<> close() override { return inner_->close(); }

 private:
  HoldingBus& bus_;
  std::unique_ptr<Producer> inner_;
};

std::unique_ptr<Producer> HoldingBus::producer(ProducerSpec spec) {
  return std::make_unique<HoldingProducer>(*this, inner_.producer(std::move(spec)));
}

class HoldingConsumer final : public Consumer {
 public:
  HoldingConsumer(HoldingBus& bus, std::unique_ptr<Consumer> inner) : bus_(bus), inner_(std::move(inner)) {}

  Task<Result<ConsumerEvent>> next() override {
    auto event = co_await inner_->next();
    if (bus_.hold_reading) co_await park<Wake>([&](Waiter<Wake> waiter) { bus_.held_.push_back(std::move(waiter)); });
    co_return event;
  }
  Task<Result<void>> commit(std::vector<Position> next_offsets) override {
    return inner_->commit(std::move(next_offsets));
  }
  Task<Result<void>> seek(TopicPartition partition, Where where) override {
    return inner_->seek(std::move(partition), where);
  }
  void pause(const std::vector<TopicPartition>& partitions) override { inner_->pause(partitions); }
  void resume(const std::vector<TopicPartition>& partitions) override { inner_->resume(partitions); }
  std::vector<Position> assignment() const override { return inner_->assignment(); }
  Task<> close() override { return inner_->close(); }

 private:
  HoldingBus& bus_;
  std::unique_ptr<Consumer> inner_;
};

std::unique_ptr<Consumer> HoldingBus::subscribe(ConsumerSpec spec) {
  return std::make_unique<HoldingConsumer>(*this, inner_.subscribe(std::move(spec)));
}

void HoldingBus::release() {
  hold = hold_reading = false;
  for (const Waiter<Wake>& waiter : std::exchange(held_, {})) waiter.complete(Wake{});
}

std::string Answer::header(std::string_view name) const {
  for (const auto& [field, value] : headers)
    if (field == name) return value;
  return {};
}

json::value Answer::json() const { return parse_json(body).value(); }

OrderWorld::OrderWorld(const std::string& log_id) : memory(MemoryWorld::with_log_id(log_id)) {
  bus = std::make_unique<HoldingBus>(*memory.bus);
  memory.make_topics();
  producer_ = bus->producer(ProducerSpec("test"));
}

OrderWorld::~OrderWorld() {
  crash();
  producer_.reset();
}

namespace {

const ModuleKind& the_kind() {
  static const ModuleKind kind = order_kind();
  return kind;
}

}  // namespace

namespace {

Settings settings_with(const OrderWorld::Changes& changed) {
  Settings settings(the_kind().settings);
  for (const auto& [name, value] : changed) REQUIRE(settings.set(name, SettingValue(value)).has_value());
  return settings;
}

}  // namespace

void OrderWorld::configure(const Changes& changed) { module->configure(settings_with(changed)); }

void OrderWorld::start(const Changes& changed) {
  const Settings settings = settings_with(changed);
  ended = false;
  domain = std::make_unique<FaultDomain>(loop.get_executor(), "order-1");
  module = the_kind().make(
      ModuleContext{"order-1", *bus, clock, *memory.ids, memory.metrics, settings, 0, std::chrono::seconds(10)});
  asio::co_spawn(domain->get_executor(), module->run(), [this](std::exception_ptr error) {
    ended = true;
    try {
      if (error) std::rethrow_exception(error);
    } catch (const std::exception& what) {
      failure = what.what();
    }
  });
  settle();
}

void OrderWorld::crash() {
  if (domain) domain->crash();
  settle();
  module.reset();
  domain.reset();
  settle();
}

bool OrderWorld::stop() {
  module->stop();
  settle();
  return ended;
}

void OrderWorld::settle() {
  loop.restart();
  loop.poll();
}

void OrderWorld::advance(Duration duration) {
  clock.advance(duration);
  settle();
}

namespace {

/// The parameters of a match of `pattern`, or nothing.
std::optional<std::vector<std::pair<std::string_view, std::string>>> match(std::string_view pattern,
                                                                           std::string_view path) {
  std::vector<std::pair<std::string_view, std::string>> parameters;
  const std::size_t open = pattern.find('{');
  if (open == std::string_view::npos) return pattern == path ? std::optional(parameters) : std::nullopt;
  const std::size_t close = pattern.find('}');
  if (path.substr(0, open) != pattern.substr(0, open)) return {};
  const std::string_view rest = path.substr(std::min(open, path.size()));
  const std::string_view segment = rest.substr(0, rest.find('/'));
  if (segment.empty() || rest.substr(segment.size()) != pattern.substr(close + 1)) return {};
  parameters.emplace_back(pattern.substr(open + 1, close - open - 1), std::string(segment));
  return parameters;
}

}  // namespace

Call OrderWorld::begin(http::Method method, std::string target, std::string body, Fields fields) {
  Call call;
  const auto state = call.state_;
  const std::size_t question = std::min(target.find('?'), target.size());
  state->path = target.substr(0, question);
  state->query = target.substr(std::min(question + 1, target.size()));
  state->body = std::move(body);
  state->fields = std::move(fields);
  state->request.method = method;
  state->request.path = state->path;
  state->request.query_string = state->query;
  state->request.body = state->body;
  for (const auto& [name, value] : state->fields) state->request.fields.emplace_back(name, value);
  for (const ModuleRoute& route : the_kind().routes) {
    auto parameters = match(route.pattern, state->path);
    if (route.method != method || !parameters) continue;
    state->request.path_parameters = std::move(*parameters);
    asio::co_spawn(domain->get_executor(), route.handler(*module, state->request),
                   [state](std::exception_ptr error, http::Response response) {
                     if (error) std::rethrow_exception(error);
                     http::apply_conditions(state->request, response);
                     state->answer = Answer{response.status, std::move(response.body), std::move(response.headers),
                                            std::move(response.stream)};
                   });
    settle();
    return call;
  }
  FAIL("no route for " << target);
  return call;
}

Answer OrderWorld::call(http::Method method, std::string target, std::string body, Fields fields) {
  Call made = begin(method, std::move(target), std::move(body), std::move(fields));
  REQUIRE(made.done());
  return made.take();
}

Answer OrderWorld::post(std::string body, Fields fields) {
  fields.emplace_back("Content-Type", "application/json");
  return call(http::Method::post, "/api/orders", std::move(body), std::move(fields));
}

std::string OrderWorld::place(const std::string& customer, Fields fields) {
  const Answer answer =
      post(R"({"customerName":")" + customer + R"(","item":"Pizza","quantity":2,"price":12.99})", std::move(fields));
  REQUIRE(answer.status == 201);
  return std::string(answer.json().at("id").as_string());
}

Position OrderWorld::send(std::string_view topic, Record record, std::optional<std::int32_t> partition) {
  ProducerRecord outgoing(std::string(topic), std::move(record));
  outgoing.partition = partition;
  const auto sent = run(producer_->send(std::move(outgoing)));
  REQUIRE(sent.has_value());
  return *sent;
}

SseClient::SseClient(OrderWorld& world, const std::optional<std::string>& last_event_id) : world_(world) {
  Fields fields;
  if (last_event_id) fields.emplace_back("Last-Event-ID", *last_event_id);
  Answer answer = world.call(http::Method::get, "/events", {}, std::move(fields));
  REQUIRE(answer.status == 200);
  state_->stream = std::move(answer.stream);
}

SseClient::~SseClient() {
  if (state_->stream) state_->stream->close();
  world_.settle();
}

void SseClient::read(std::size_t writes_max) {
  state_->budget = writes_max;
  if (!state_->reading && !state_->ended) asio::co_spawn(world_.loop, pump(state_), asio::detached);
  world_.settle();
}

Task<> SseClient::pump(std::shared_ptr<State> state) {
  state->reading = true;
  while (state->budget > 0) {
    const auto chunks = co_await state->stream->next();
    state->ended = chunks.empty();
    if (state->ended) break;
    for (const http::Chunk& chunk : chunks) state->text += *chunk;
    ++state->writes;
    --state->budget;
  }
  state->reading = false;
}

std::vector<SseEvent> SseClient::events() const {
  std::vector<SseEvent> events(1);
  const std::string& all = state_->text;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find('\n', at);
    const std::string line = all.substr(at, end - at);
    at = end + 1;
    if (line.empty()) {
      events.emplace_back();
    } else if (line.starts_with("id: ")) {
      events.back().id = line.substr(4);
    } else if (line.starts_with("event: ")) {
      events.back().event = line.substr(7);
    } else if (line.starts_with("data: ")) {
      events.back().data = line.substr(6);
    }
  }
  events.pop_back();
  return events;
}

std::vector<std::string> SseClient::data() const {
  std::vector<std::string> data;
  for (SseEvent& event : events())
    if (!event.data.empty() && event.event.empty()) data.push_back(std::move(event.data));
  return data;
}

std::string SseClient::last_id() const {
  std::string last;
  for (SseEvent& event : events())
    if (!event.id.empty()) last = std::move(event.id);
  return last;
}

Fields keyed(const std::string& key) { return {{"Content-Type", "application/json"}, {"Idempotency-Key", key}}; }

std::string field(const Answer& answer, std::string_view name) {
  const json::value body = answer.json();
  return std::string(body.at(name).as_string());
}

std::vector<std::string> listed(OrderWorld& world, const std::string& query) {
  std::vector<std::string> ids;
  const json::value list = world.call(http::Method::get, "/api/orders" + query).json();
  for (const json::value& order : list.as_array()) ids.emplace_back(order.at("id").as_string());
  return ids;
}

}  // namespace foodorder::test
