#include "foodorder/runtime/view.hpp"

#include "foodorder/base/retry_log.hpp"
#include "foodorder/runtime/topics.hpp"

#include <algorithm>
#include <stdexcept>

namespace foodorder {

namespace {

constexpr Duration retry_delay = std::chrono::milliseconds(200);

ConsumerSpec reader(std::string client_id, std::vector<std::string> topics, ConsumerSpec::Wants wants,
                    std::vector<Position> start) {
  ConsumerSpec spec(std::move(client_id), std::move(topics));
  spec.wants = std::move(wants);
  spec.start = std::move(start);
  return spec;
}

}  // namespace

View::View(EventBus& bus, Clock& clock, std::string client_id, std::vector<std::string> topics, Apply apply,
           Moved moved, ConsumerSpec::Wants wants, std::vector<Position> start)
    : bus_(bus),
      clock_(clock),
      apply_(std::move(apply)),
      moved_(std::move(moved)),
      pump_(bus.subscribe(reader(std::move(client_id), std::move(topics), std::move(wants), std::move(start))), clock,
            [this](ConsumerEvent event) { return on_event(std::move(event)); }) {}

Task<> View::on_event(ConsumerEvent event) {
  if (auto* batch = std::get_if<Records>(&event)) {
    for (const ConsumerRecord& record : batch->records) apply_(record);
    for (Position& next : batch->next_offsets) next_[std::move(next.tp)] = next.offset;
  } else if (auto* assigned = std::get_if<Assigned>(&event)) {
    for (const Position& position : assigned->positions) next_[position.tp] = position.offset;
    co_await find_ends(std::move(assigned->positions));
  } else {
    begin_again(std::get<Revoked>(event).partitions);
  }
  check_caught_up();
  if (moved_) moved_();
}

/// Asked after the assignment: the consumer reports a log that replaces another in between.
Task<> View::find_ends(std::vector<Position> assigned) {
  std::vector<TopicPartition> partitions;
  for (Position& position : assigned) partitions.push_back(std::move(position.tp));
  RetryLog asking("a view");
  while (!pump_.stopping()) {
    std::vector<TopicPartition> asked = partitions;
    const auto ends = co_await bus_.admin().resolve(std::move(asked), Where::end());
    if (ends) ends_.insert(ends_.end(), ends->begin(), ends->end());
    begun_ = begun_ || ends.has_value();
    if (ends) asking.worked();
    if (ends || ends.error().code == Errc::not_found) co_return;  // deleted just now
    asking.failed(ends.error());
    co_await sleep_for(clock_, retry_delay);
  }
}

/// A reader loses its partitions only to another log.
void View::begin_again(const std::vector<TopicPartition>& revoked) {
  const std::string& topic = revoked.front().topic;
  if (!replaced_)
    throw std::runtime_error(fmt::format("topic {} was deleted and made again: reading the new log", topic));
  for (const TopicPartition& tp : revoked) {
    next_.erase(tp);
    std::erase_if(ends_, [&](const Position& end) { return end.tp == tp; });
  }
  replaced_();
}

void View::check_caught_up() {
  if (caught_up_ || !begun_) return;
  caught_up_ = std::all_of(ends_.begin(), ends_.end(),
                           [this](const Position& end) { return next_offset(end.tp) >= end.offset; });
}

std::int64_t View::next_offset(const TopicPartition& partition) const {
  const auto found = next_.find(partition);
  return found == next_.end() ? 0 : found->second;
}

ConsumerSpec::Wants only_audit_of(std::string_view source) {
  return [name = std::string(source)](std::string_view topic, std::string_view value) {
    if (topic != topics::audit) return true;
    return value.find(name) != value.npos || value.find('\\') != value.npos;  // an escape may hide the name
  };
}

}  // namespace foodorder
