#pragma once

#include "event_ring.hpp"

#include <optional>

namespace foodorder::order {

/// One client of the live feed. It has no queue of its own: what it has not been given yet is in the ring, or, where
/// it resumes from further back, in the log, and next() fetches it as fast as the client reads.
///
/// A resuming client passes three phases. Log: what is older than the ring is read from the log, partition by
/// partition. Walk: the ring from its beginning, leaving out what the client has; both under ids made for this client,
/// since the ring's own could go back in a partition. Live: the ring's shared events. Each next() is a piece of long
/// work (see yield()): any number of clients that resume disturbs nobody.
class SseStream final : public http::BodyStream {
 public:
  /// Events given by one next().
  static constexpr std::size_t gather_max_events = 64;

  /// `resume`: the Last-Event-ID of the client, as it came; without one the stream begins at the end.
  SseStream(std::shared_ptr<EventRing> feed, Admin& admin, std::optional<std::string> resume);
  ~SseStream() override;

  Task<std::vector<http::Chunk>> next() override;
  void close() override;

 private:
  enum class Phase { start, log, walk, live };
  using Chunks = std::vector<http::Chunk>;

  [[nodiscard]] bool ended() const noexcept { return closed_ || feed_->closed(); }
  /// It has all that there is.
  [[nodiscard]] bool idle() const noexcept;
  /// Each adds what it has and moves the phase; false where the stream must end.
  Task<bool> start(Chunks& out);
  Task<bool> read_log(Chunks& out);
  void walk_ring(Chunks& out);
  bool follow_ring(Chunks& out);

  Task<bool> check_bounds(Chunks& out);
  void gap(Chunks& out, std::string_view reason);
  void add(Chunks& out, const ConsumerRecord& record, std::size_t slot);
  /// A partition of which some is only in the log, searched by turns.
  std::optional<std::size_t> behind_ring();

  std::shared_ptr<EventRing> feed_;
  Admin& admin_;
  std::optional<std::string> resume_;
  Phase phase_ = Phase::start;
  SlotOffsets position_;         ///< while resuming: the next offsets that the client wants
  std::size_t last_slot_ = 0;    ///< read from the log last
  std::uint64_t ring_next_ = 0;  ///< the number of the next event to be given
  bool closed_ = false;
  bool has_worked_ = false;  ///< since it last waited: it gives way before it goes on
  Waiter<Wake> waiter_;
};

}  // namespace foodorder::order
