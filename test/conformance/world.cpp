#include "world.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <atomic>

namespace foodorder::conformance {

World::World(EventBus& the_bus, Stage& stage, Report& the_report)
    : bus(the_bus),
      admin(the_bus.admin()),
      clock(stage.clock()),
      executor(stage.executor()),
      report(the_report),
      session_(std::max<Duration>(seconds(1), the_bus.features().session_timeout_min)),
      producer_(the_bus.producer(ProducerSpec("conformance"))) {}

std::string World::name(std::string_view what) {
  static std::atomic<int> names = 0;  // cases may run side by side
  return fmt::format("conformance-{}-{}-{}", clock.stamp().time_since_epoch().count(), ++names, what);
}

// ------------------------------------------------------------------------------------------------- topics

Task<std::string> World::topic(std::int32_t partitions) {
  TopicSpec spec("orders", partitions);
  auto made = co_await topic(std::move(spec));
  co_return made;
}

Task<std::string> World::topic(TopicSpec spec) {
  spec.name = name(spec.name);
  std::string made = spec.name;
  std::vector<TopicSpec> specs{std::move(spec)};
  auto result = co_await admin.ensure_topics(specs);
  // A broker that has just started on a busy machine takes its time.
  const Timestamp deadline = clock.now() + patience;
  while (!result && result.error().code == Errc::unavailable && clock.now() < deadline)
    result = co_await admin.ensure_topics(specs);
  report.need(result, "A topic can be made");
  co_return made;
}

Task<TopicDescription> World::describe(std::string topic_name) {
  const auto result = co_await admin.topics();
  const auto all = report.need(result, "Topics can be described");
  const auto found = std::ranges::find(all, topic_name, &TopicDescription::name);
  report.need(found != all.end(), "A topic that was made is described");
  co_return *found;
}

Task<PartitionDescription> World::partition(std::string topic_name, std::int32_t index) {
  const TopicDescription all = co_await describe(std::move(topic_name));
  report.need(static_cast<std::size_t>(index) < all.partitions.size(), "Every partition is described");
  co_return all.partitions[static_cast<std::size_t>(index)];
}

Task<std::vector<ConsumerRecord>> World::log(std::string topic_name) {
  const TopicDescription description = co_await describe(topic_name);
  std::vector<ConsumerRecord> all;
  for (const PartitionDescription& part : description.partitions) {
    std::int64_t next_offset = part.start_offset;
    while (next_offset < part.end_offset) {
      TopicPartition tp(topic_name, part.partition);
      const auto result = co_await admin.read(std::move(tp), next_offset, ReadLimits());
      const auto page = report.need(result, "A topic can be read");
      report.need(page.next_offset > next_offset, "Reading a page gets on");
      all.insert(all.end(), page.records.begin(), page.records.end());
      next_offset = page.next_offset;
    }
  }
  co_return all;
}

Task<std::vector<std::string>> World::values(std::string topic_name) {
  const auto all = co_await log(std::move(topic_name));
  co_return values_of(all);
}

// ---------------------------------------------------------------------------------------------- producing

std::unique_ptr<Producer> World::producer() { return bus.producer(ProducerSpec("conformance")); }

Task<Position> World::send(std::string topic_name, Record record, std::optional<std::int32_t> partition_index) {
  ProducerRecord produced(std::move(topic_name), std::move(record));
  produced.partition = partition_index;
  const auto result = co_await producer_->send(std::move(produced));
  co_return report.need(result, "A record is acknowledged");
}

Task<> World::send_numbers(std::string topic_name, int count, std::int32_t partition_index, int first) {
  std::vector<ProducerRecord> batch;
  for (int i = first; i < first + count; ++i) {
    batch.emplace_back(topic_name, Record("key", std::to_string(i)));
    batch.back().partition = partition_index;
  }
  const auto results = co_await producer_->send_all(std::move(batch));
  for (const auto& result : results) report.need(result, "A record of a batch is acknowledged");
}

// ---------------------------------------------------------------------------------------------- consuming

ConsumerSpec World::member_of(std::string group_name, std::string topic_name) {
  ConsumerSpec spec(name("member"), {std::move(topic_name)});
  if (!backend || backend->groups) spec.group = std::move(group_name);
  spec.session_timeout = std::max<Duration>(seconds(10), session_);
  return spec;
}

ConsumerSpec World::reader_of(std::string topic_name) { return ConsumerSpec(name("reader"), {std::move(topic_name)}); }

Task<ConsumerEvent> World::next(Consumer& consumer, Place place) {
  waits_at_ = place;
  auto result = co_await consumer.next();
  waits_at_.reset();
  co_return report.need(std::move(result), "A consumer gets its next event");
}

void World::report_stuck() {
  if (waits_at_)
    report.fail("The case ran out of time waiting for a consumer's event", *waits_at_);
  else
    report.fail("The case ran out of time");
}

namespace {

template <class Wanted>
Wanted* wanted(ConsumerEvent& event) {
  return std::get_if<Wanted>(&event);
}

}  // namespace

Task<Records> World::records(Consumer& consumer, Place place) {
  for (;;) {
    ConsumerEvent event = co_await next(consumer, place);
    if (auto* batch = wanted<Records>(event); batch && !batch->records.empty()) co_return std::move(*batch);
  }
}

Task<std::vector<ConsumerRecord>> World::take(Consumer& consumer, std::size_t count, Place place) {
  std::vector<ConsumerRecord> taken;
  while (taken.size() < count) {
    const Records batch = co_await records(consumer, place);
    taken.insert(taken.end(), batch.records.begin(), batch.records.end());
  }
  co_return taken;
}

Task<Assigned> World::assigned(Consumer& consumer, Place place) {
  for (;;) {
    ConsumerEvent event = co_await next(consumer, place);
    if (auto* change = wanted<Assigned>(event)) co_return std::move(*change);
  }
}

Task<Revoked> World::revoked(Consumer& consumer, Place place) {
  for (;;) {
    ConsumerEvent event = co_await next(consumer, place);
    if (auto* change = wanted<Revoked>(event)) co_return std::move(*change);
  }
}

Task<> World::commit(Consumer& consumer, std::string topic_name, std::int32_t partition_index,
                     std::int64_t next_offset) {
  auto positions = at(std::move(topic_name), partition_index, next_offset);
  const auto result = co_await consumer.commit(std::move(positions));
  report.need(result, "The owner of a partition can commit");
}

// ------------------------------------------------------------------------------------------------- groups

Task<std::optional<GroupDescription>> World::group(std::string group_name) {
  const auto result = co_await admin.groups();
  const auto all = report.need(result, "Groups can be described");
  const auto found = std::ranges::find(all, group_name, &GroupDescription::group);
  if (found == all.end()) co_return std::nullopt;
  co_return *found;
}

Task<GroupPartition> World::group_partition(std::string group_name, std::string topic_name, std::int32_t index) {
  const auto description = co_await group(std::move(group_name));
  report.need(description.has_value(), "A group is described");
  const TopicPartition tp(std::move(topic_name), index);
  const auto found = std::ranges::find(description->partitions, tp, &GroupPartition::tp);
  report.need(found != description->partitions.end(), "A group's partition is described");
  co_return *found;
}

// ------------------------------------------------------------------------------------------- free helpers

std::vector<Position> at(std::string topic_name, std::int32_t partition, std::int64_t offset) {
  return {Position(TopicPartition(std::move(topic_name), partition), offset)};
}

std::string value_of(const ConsumerRecord& read) { return std::string(read.record->value().value_or("(null)")); }

std::vector<std::string> values_of(const std::vector<ConsumerRecord>& read) {
  std::vector<std::string> values;
  for (const ConsumerRecord& record : read) values.push_back(value_of(record));
  return values;
}

std::vector<std::string> numbers(int first, int last) {
  std::vector<std::string> texts;
  for (int i = first; i < last; ++i) texts.push_back(std::to_string(i));
  return texts;
}

}  // namespace foodorder::conformance
