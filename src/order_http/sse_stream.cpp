#include "sse_stream.hpp"

#include "foodorder/base/log.hpp"
#include "foodorder/base/yield.hpp"
#include "sse_text.hpp"

namespace foodorder::order {

namespace {

constexpr std::size_t log_page_max_bytes = 256U << 10U;

/// Whether all offsets of `left` are at or above those of `right`.
bool has_reached(const SlotOffsets& left, const SlotOffsets& right) noexcept {
  return std::equal(left.begin(), left.end(), right.begin(), [](auto a, auto b) { return a >= b; });
}

}  // namespace

SseStream::SseStream(std::shared_ptr<EventRing> feed, Admin& admin, std::optional<std::string> resume)
    : feed_(std::move(feed)),
      admin_(admin),
      resume_(std::move(resume)),
      position_(feed_->next()),
      ring_next_(feed_->end()) {
  ++feed_->clients;
}

SseStream::~SseStream() { --feed_->clients; }

void SseStream::close() {
  closed_ = true;
  waiter_.complete(Wake{});
}

bool SseStream::idle() const noexcept {
  return (phase_ == Phase::walk || phase_ == Phase::live) && ring_next_ == feed_->end();
}

Task<std::vector<http::Chunk>> SseStream::next() {
  Chunks out;
  while (!ended()) {
    if (idle()) {
      has_worked_ = false;
      co_await feed_->wait(waiter_);
      continue;
    }
    if (has_worked_) co_await yield();
    if (ended()) break;
    has_worked_ = true;
    bool going = true;
    switch (phase_) {
      case Phase::start:
        going = co_await start(out);
        break;
      case Phase::log:
        going = co_await read_log(out);
        break;
      case Phase::walk:
        walk_ring(out);
        break;
      case Phase::live:
        going = follow_ring(out);
        break;
    }
    if (!going) break;
    if (!out.empty()) co_return out;
  }
  co_return Chunks();
}

Task<bool> SseStream::start(Chunks& out) {
  phase_ = Phase::live;
  if (!resume_) {
    out.push_back(http::make_chunk(greeting_text(feed_->event_id(position_))));
    co_return true;
  }
  const auto wanted = feed_->slots().parse_event_id(*resume_);
  if (!wanted || wanted->log_id != feed_->log_id()) {
    // Before the greeting, whose id a client would keep: cut off between the two, it would never hear of the gap.
    gap(out, "another-log");
    out.push_back(http::make_chunk(greeting_text(feed_->event_id(position_))));
    co_return true;
  }
  position_ = wanted->next;
  phase_ = Phase::log;
  out.push_back(http::make_chunk(greeting_text(feed_->event_id(position_))));
  if (has_reached(position_, feed_->floor()) && has_reached(feed_->next(), position_)) co_return true;
  const bool checked = co_await check_bounds(out);
  co_return checked;
}

Task<bool> SseStream::check_bounds(Chunks& out) {
  const FeedSlots& slots = feed_->slots();
  const auto begins = co_await admin_.resolve(slots.partitions(slots.shown()), Where::beginning());
  const auto ends = co_await admin_.resolve(slots.partitions(slots.shown()), Where::end());
  if (!begins || !ends) {
    log::info("a stream could not be resumed: {}", (begins ? ends : begins).error().message);
    co_return false;
  }
  bool removed = false;
  bool beyond = false;
  for (std::size_t slot = 0; slot < slots.shown(); ++slot) {
    removed = removed || position_[slot] < (*begins)[slot].offset;
    beyond = beyond || position_[slot] > (*ends)[slot].offset;
  }
  if (beyond)
    gap(out, "another-log");  // an offset that this log has never reached
  else if (removed)
    gap(out, "removed-by-retention");
  co_return true;
}

void SseStream::gap(Chunks& out, std::string_view reason) {
  phase_ = Phase::live;
  ring_next_ = feed_->end();
  out.push_back(http::make_chunk(gap_text(feed_->event_id(feed_->next()), reason)));
}

std::optional<std::size_t> SseStream::behind_ring() {
  const std::size_t slots = feed_->slots().shown();
  for (std::size_t step = 1; step <= slots; ++step) {
    const std::size_t slot = (last_slot_ + step) % slots;
    if (position_[slot] < feed_->floor()[slot]) return slot;
  }
  return {};
}

void SseStream::add(Chunks& out, const ConsumerRecord& record, std::size_t slot) {
  position_[slot] = record.position.offset + 1;
  if (is_relayed(record))
    out.push_back(http::make_chunk(event_text(feed_->event_id(position_), feed_->slots().event_type(slot), record)));
}

Task<bool> SseStream::read_log(Chunks& out) {
  const auto slot = behind_ring();
  if (!slot) {
    phase_ = Phase::walk;
    ring_next_ = feed_->first();
    co_return true;
  }
  last_slot_ = *slot;
  ReadLimits limits;
  limits.records_max = gather_max_events;
  limits.bytes_max = log_page_max_bytes;
  const std::int64_t floor = feed_->floor()[*slot];
  const auto page = co_await admin_.read(feed_->slots().partition(*slot), position_[*slot], limits);
  if (!page) {
    log::info("a stream could not be resumed: {}", page.error().message);
    co_return false;
  }
  if (page->start_offset > position_[*slot]) {
    gap(out, "removed-by-retention");
    co_return true;
  }
  for (const ConsumerRecord& record : page->records) add(out, record, *slot);
  // Offsets may hold no record for readers (a broker's transaction markers).
  position_[*slot] = std::max(position_[*slot], page->records.empty() ? floor : page->next_offset);
  co_return true;
}

void SseStream::walk_ring(Chunks& out) {
  if (behind_ring()) {  // the ring has moved on meanwhile
    phase_ = Phase::log;
    return;
  }
  ring_next_ = std::max(ring_next_, feed_->first());
  for (; ring_next_ < feed_->end() && out.size() < gather_max_events; ++ring_next_) {
    const EventRing::Entry& entry = feed_->at(ring_next_);
    if (entry.record && entry.record->position.offset >= position_[entry.slot]) add(out, *entry.record, entry.slot);
  }
  // The ring's ids are this client's, too, once none of them is behind what it has.
  if (ring_next_ == feed_->end() && has_reached(feed_->next(), position_)) phase_ = Phase::live;
}

bool SseStream::follow_ring(Chunks& out) {
  if (ring_next_ < feed_->first()) return false;  // too slow: cut off, to resume
  out.push_back(feed_->text_from(ring_next_));
  return true;
}

}  // namespace foodorder::order
