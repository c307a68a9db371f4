#include "feed_reader.hpp"

#include "foodorder/runtime/topics.hpp"

namespace foodorder::order {

namespace {

constexpr Duration retry_delay = std::chrono::milliseconds(200);
constexpr std::size_t index_max_records = 200'000;

}  // namespace

FeedReader::FeedReader(EventBus& bus, Clock& clock, std::string client_id, TakeStatus take_status,
                       std::function<void()> moved)
    : bus_(bus),
      clock_(clock),
      client_id_(std::move(client_id)),
      take_status_(std::move(take_status)),
      moved_(std::move(moved)) {}

FeedReader::~FeedReader() {
  if (feed_) feed_->close();
}

Task<> FeedReader::run() {
  while (!feed_ && !stopping_) {
    co_await find_end();
    if (!feed_) co_await sleep_for(clock_, retry_delay);
  }
  if (!stopping_) co_await view_->run();
}

Task<> FeedReader::find_end() {
  std::vector<TopicPartition> partitions;
  for (std::size_t slot = 0; slot < history_slots; ++slot) partitions.push_back(slot_partition(slot));
  std::vector<std::string> relayed{std::string(topics::orders), std::string(topics::audit),
                                   std::string(topics::orders_dlq)};
  auto log_id = co_await bus_.log_id(std::move(relayed));
  auto ends = co_await bus_.admin().resolve(std::move(partitions), Where::end());
  if (!log_id || !ends) {
    opening_.failed(log_id ? ends.error() : log_id.error());
    co_return;
  }
  opening_.worked();
  FeedOffsets feed_start{};
  HistoryOffsets index_start{};
  for (const Position& end : *ends) {
    const std::size_t slot = slot_of(end.tp).value();
    index_start[slot] = end.offset;
    if (slot < feed_slots) feed_start[slot] = end.offset;
  }
  feed_ = std::make_shared<EventRing>(std::move(*log_id), feed_start, ring_max_events_);
  index_ = std::make_unique<HistoryIndex>(index_start, index_max_records);
  std::erase_if(*ends, [](const Position& end) { return end.tp.topic == topics::order_status; });
  std::vector<std::string> topics;
  for (const std::string_view topic : {topics::orders, topics::audit, topics::orders_dlq, topics::order_status})
    topics.emplace_back(topic);
  const auto moved = [this] {
    for (std::size_t slot = 0; slot < feed_slots; ++slot)
      feed_->read_up_to(slot, view_->next_offset(slot_partition(slot)));
    feed_->wake();
    moved_();
  };
  view_ = std::make_unique<View>(
      bus_, clock_, client_id_, std::move(topics), [this](const ConsumerRecord& record) { take(record); }, moved,
      std::move(*ends));
  view_->pause(paused_);
}

void FeedReader::take(const ConsumerRecord& record) {
  feed_->take(record);
  index_->add(record);
  if (record.position.tp.topic == topics::order_status) take_status_(*record.record);
}

void FeedReader::stop() {
  stopping_ = true;
  if (feed_) feed_->close();
  if (view_) view_->stop();
}

void FeedReader::pause(bool paused) {
  paused_ = paused;
  if (view_) view_->pause(paused);
}

void FeedReader::heartbeat() {
  if (!feed_) return;
  feed_->heartbeat();
  feed_->wake();
}

void FeedReader::set_ring_max_events(std::size_t events) {
  ring_max_events_ = events;
  if (feed_) feed_->set_ring_max_events(events);
}

}  // namespace foodorder::order
