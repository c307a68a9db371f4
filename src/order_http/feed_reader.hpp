#pragma once

#include "event_ring.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/base/retry_log.hpp"
#include "foodorder/runtime/view.hpp"
#include "history_index.hpp"

#include <memory>

namespace foodorder::order {

/// Reads what tells of orders from the log's end on, without a group: every order-service process sees all of it. It
/// feeds the event stream and the index of recent history. `order-status` it reads from its beginning: what was wrong
/// there when a process ended is still wrong.
class FeedReader {
 public:
  using TakeStatus = std::function<void(const std::shared_ptr<const Record>& record)>;

  /// `topics`: all of them. `take_status` is called with each record of `order-status`, `moved` after each batch.
  FeedReader(EventBus& bus, Clock& clock, std::span<const Topic> topics, std::string client_id, TakeStatus take_status,
             std::function<void()> moved);
  /// Ends the streams of its clients: they hold the feed, and nothing would ever come again.
  ~FeedReader();
  FeedReader(const FeedReader&) = delete;
  FeedReader& operator=(const FeedReader&) = delete;

  /// Finds the log's end, then follows it until stop().
  Task<> run();
  void stop();
  void pause(bool paused);
  void heartbeat();
  void set_ring_max_events(std::size_t events);

  /// It has read all that was there when it began.
  [[nodiscard]] bool caught_up() const noexcept { return view_ && view_->caught_up(); }
  /// Somebody has added partitions, which it has no place for.
  [[nodiscard]] bool misses_partitions() const noexcept { return view_ && view_->partitions() > slots_.size(); }
  /// It knows where it begins: clients can be taken.
  [[nodiscard]] bool open() const noexcept { return feed_ != nullptr; }
  [[nodiscard]] const FeedSlots& slots() const noexcept { return slots_; }
  /// Null until it is open.
  [[nodiscard]] const std::shared_ptr<EventRing>& feed() const noexcept { return feed_; }
  [[nodiscard]] const HistoryIndex* index() const noexcept { return index_.get(); }

 private:
  Task<> find_end();
  void take(const ConsumerRecord& record);

  EventBus& bus_;
  Clock& clock_;
  const FeedSlots slots_;
  std::string client_id_;
  TakeStatus take_status_;
  std::function<void()> moved_;
  std::size_t ring_max_events_ = 8192;
  RetryLog opening_{"the live feed"};
  bool stopping_ = false;
  bool paused_ = false;
  std::shared_ptr<EventRing> feed_;
  std::unique_ptr<HistoryIndex> index_;
  std::unique_ptr<View> view_;  // last: its consumer goes first
};

}  // namespace foodorder::order
