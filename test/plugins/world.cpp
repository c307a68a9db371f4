#include "world.hpp"

#include <fmt/format.h>
#include <prometheus/registry.h>
#include <algorithm>

namespace foodorder::test {

namespace {

Task<Result<Position>> send(Producer& producer, ProducerRecord record) {
  auto sent = co_await producer.send(std::move(record));
  co_return sent;
}

}  // namespace

World::World(std::vector<ModuleKind> kinds, std::uint64_t seed, const std::map<std::string, std::string>& bytes_max)
    : MemoryWorld(with_log_id("test"), seed + 1, *parse_iso("2026-02-05T13:00:00Z")),
      order_ids_(make_seeded_ids(seed + 2)),
      events_(loop.clock, *order_ids_, "order-service"),
      producer_(bus->producer(ProducerSpec("test"))),
      supervisor_(loop.context.get_executor(),
                  Supervisor::Parts{*bus, loop.clock, *ids, metrics, seed, std::chrono::seconds(10)},
                  std::move(kinds)) {
  std::vector<TopicSpec> all = topics::catalogue();
  for (TopicSpec& topic : all)
    if (const auto found = bytes_max.find(topic.name); found != bytes_max.end())
      topic.config["max.message.bytes"] = found->second;
  make_topics(std::move(all));
}

World::~World() = default;

void World::start(const std::string& instance, const std::map<std::string, SettingValue>& settings) {
  const std::string kind = instance.substr(0, instance.rfind('-'));
  Settings effective(supervisor_.find_kind(kind)->settings);
  for (const auto& [name, value] : settings) effective.set(name, value).value();
  supervisor_.add(kind, instance, effective).value();
  restart(instance);
}

void World::restart(const std::string& instance) {
  supervisor_.start(instance).value();
  run_for(std::chrono::milliseconds(1));
}

void World::crash(const std::string& instance) {
  supervisor_.crash(instance).value();
  loop.run_ready();
}

void World::stop(const std::string& instance) { result_of(supervisor_.stop(instance)).value(); }

json::object World::report(const std::string& instance) const {
  for (const InstanceStatus& status : supervisor_.statuses())
    if (status.instance == instance) return status.report;
  return {};
}

double World::counted(std::string_view name, std::string_view value) const {
  for (const prometheus::MetricFamily& family : metrics.Collect()) {
    if (family.name != name) continue;
    for (const prometheus::ClientMetric& metric : family.metric)
      for (const auto& label : metric.label)
        if (label.value == value) return metric.counter.value;
  }
  return 0;
}

Position World::order(const std::string& customer, std::int64_t price_cents, OrderAction action,
                      std::optional<std::string> id) {
  OrderEvent event;
  event.action = action;
  event.order.id = id ? *id : order_ids_->uuid();
  event.order.customer_name = customer;
  event.order.item = "Pizza";
  event.order.quantity = 1;
  event.order.price_cents = price_cents;
  event.order.status = to_string(action);
  event.order.created_at = event.timestamp = loop.clock.now();
  return produce(topics::orders, events_.originate("foodorder.order.created", event.order.id, to_json(event)));
}

Position World::produce(std::string_view topic, Record record) {
  return result_of(send(*producer_, ProducerRecord(std::string(topic), std::move(record)))).value();
}

std::vector<std::string> World::audit_of(std::string_view source) {
  std::vector<std::string> lines;
  for (const ConsumerRecord& record : read(topics::audit)) {
    if (find_header(record.record->headers, headers::ce_source) != source) continue;
    const json::value body = json::parse(*record.record->value());
    std::string line =
        fmt::format("{} {}", body.at("action").as_string().c_str(), body.at("orderId").as_string().c_str());
    if (const auto* count = body.as_object().if_contains("retryCount")) line += fmt::format(" {}", count->as_int64());
    if (const auto* alerts = body.as_object().if_contains("alerts"))
      for (const json::value& alert : alerts->as_array())
        line += fmt::format(" {}", alert.at("reason").as_string().c_str());
    lines.push_back(std::move(line));
  }
  return lines;
}

bool World::caught_up(const std::string& group) {
  const auto groups = result_of(bus->admin().groups()).value();
  for (const GroupDescription& described : groups) {
    if (described.group != group) continue;
    std::int64_t lag = 0;
    for (const GroupPartition& partition : described.partitions) lag += partition.lag;
    return lag == 0;
  }
  return false;
}

void World::rewind(const std::string& group) {
  std::vector<Position> start;
  for (int partition = 0; partition < 3; ++partition)
    start.emplace_back(TopicPartition(std::string(topics::orders), partition), 0);
  result_of(bus->admin().reset_offsets(group, std::move(start))).value();
}

}  // namespace foodorder::test
