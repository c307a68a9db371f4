#include "feed_reader.hpp"

#include "foodorder/runtime/topics.hpp"

namespace foodorder::order {

namespace {

constexpr Duration retry_delay = std::chrono::milliseconds(200);
constexpr std::size_t index_max_records = 200'000;

}  // namespace

FeedReader::FeedReader(EventBus& bus, Clock& clock, std::span<const Topic> topics, std::string client_id,
                       TakeStatus take_status, std::function<void()> moved)
    : bus_(bus),
      clock_(clock),
      slots_(topics),
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
  auto log_id = co_await bus_.log_id(slots_.topics(slots_.shown()));
  auto ends = co_await bus_.admin().resolve(slots_.partitions(slots_.size()), Where::end());
  if (!log_id || !ends) {
    opening_.failed(log_id ? ends.error() : log_id.error());
    co_return;
  }
  opening_.worked();
  SlotOffsets start(slots_.size());
  for (const Position& end : *ends) start[slots_.find(end.tp).value()] = end.offset;
  index_ = std::make_unique<HistoryIndex>(slots_, start, index_max_records);
  start.resize(slots_.shown());
  feed_ = std::make_shared<EventRing>(slots_, std::move(*log_id), std::move(start), ring_max_events_);
  if (take_status_) std::erase_if(*ends, [](const Position& end) { return end.tp.topic == topics::order_status; });
  const auto moved = [this] {
    for (std::size_t slot = 0; slot < slots_.shown(); ++slot)
      feed_->read_up_to(slot, view_->next_offset(slots_.partition(slot)));
    feed_->wake();
    moved_();
  };
  view_ = std::make_unique<View>(
      bus_, clock_, client_id_, slots_.topics(slots_.size()), [this](const ConsumerRecord& record) { take(record); },
      moved, ConsumerSpec::Wants(), std::move(*ends));
  view_->pause(paused_);
}

void FeedReader::take(const ConsumerRecord& record) {
  if (const auto slot = slots_.find(record.position.tp)) {
    feed_->take(record, *slot);
    index_->add(record, *slot);
  }
  if (take_status_ && record.position.tp.topic == topics::order_status) take_status_(record.record);
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
