#include "foodorder/runtime/view.hpp"

#include "foodorder/base/retry_log.hpp"

namespace foodorder {

namespace {

constexpr Duration retry_delay = std::chrono::milliseconds(200);

ConsumerSpec reader(std::string client_id, std::vector<std::string> topics, std::vector<Position> start) {
  ConsumerSpec spec(std::move(client_id), std::move(topics));
  spec.start = std::move(start);
  return spec;
}

}  // namespace

View::View(EventBus& bus, Clock& clock, std::string client_id, std::vector<std::string> topics, Apply apply,
           Moved moved, std::vector<Position> start)
    : bus_(bus),
      clock_(clock),
      topics_(topics),
      apply_(std::move(apply)),
      moved_(std::move(moved)),
      pump_(bus.subscribe(reader(std::move(client_id), std::move(topics), std::move(start))), clock,
            [this](ConsumerEvent event) { return on_event(std::move(event)); }) {}

Task<> View::run() {
  co_await find_ends();
  co_await pump_.run();
}

Task<> View::find_ends() {
  RetryLog asking("a view");
  while (!pump_.stopping() && !ends_known_) {
    const auto topics = co_await bus_.admin().topics();
    if (!topics) {
      asking.failed(topics.error());
      co_await sleep_for(clock_, retry_delay);
      continue;
    }
    for (const TopicDescription& topic : *topics) {
      if (std::find(topics_.begin(), topics_.end(), topic.name) == topics_.end()) continue;
      for (const PartitionDescription& partition : topic.partitions)
        ends_.emplace_back(TopicPartition(topic.name, partition.partition), partition.end_offset);
    }
    asking.worked();
    ends_known_ = true;
  }
}

Task<> View::on_event(ConsumerEvent event) {
  if (const auto* batch = std::get_if<Records>(&event))
    for (const ConsumerRecord& record : batch->records) apply_(record);
  for (Position& position : pump_.consumer().assignment()) next_[std::move(position.tp)] = position.offset;
  check_caught_up();
  if (moved_) moved_();
  co_return;
}

void View::check_caught_up() {
  if (caught_up_) return;
  caught_up_ = std::all_of(ends_.begin(), ends_.end(),
                           [this](const Position& end) { return next_offset(end.tp) >= end.offset; });
}

std::int64_t View::next_offset(const TopicPartition& partition) const {
  const auto found = next_.find(partition);
  return found == next_.end() ? 0 : found->second;
}

}  // namespace foodorder
