#include "message_stream.hpp"

#include "foodorder/base/wait.hpp"
#include "foodorder/base/yield.hpp"
#include "latest_index.hpp"
#include "stream_text.hpp"
#include "topic_reader.hpp"
#include "turns.hpp"

#include <fmt/format.h>

namespace foodorder::inspector {

namespace {

using Shape = MessageQuery::Shape;

constexpr std::size_t chunk_bytes = 64 * 1024;
constexpr Duration chunk_interval = std::chrono::milliseconds(50);  // what was found does not wait longer
constexpr Duration progress_interval = std::chrono::milliseconds(250);
constexpr Duration live_progress_interval = std::chrono::seconds(5);
constexpr Duration poll_interval = std::chrono::milliseconds(200);

class MessageStream final : public http::BodyStream {
 public:
  MessageStream(std::shared_ptr<StreamSlots> slots, Admin& admin, Clock& clock, TopicDescription topic,
                MessageQuery query)
      : slot_(std::move(slots)),
        admin_(admin),
        clock_(clock),
        topic_(std::move(topic)),
        query_(std::move(query)),
        text_(make_stream_text(query_)) {}

  Task<std::vector<http::Chunk>> next() override {
    std::vector<http::Chunk> chunks;
    if (closed_ || phase_ == Phase::ended) co_return chunks;
    std::string out;
    const Timestamp flush_at = clock_.now() + chunk_interval;
    while (!closed_ && phase_ != Phase::ended && out.size() < chunk_bytes && clock_.now() < flush_at) {
      const Result<void> went_on = co_await go_on(out);
      if (!went_on) {
        add_progress(out);  // how far it has come
        text_->problem(out, went_on.error());
        phase_ = Phase::ended;
      }
      if (phase_ == Phase::waiting && !out.empty()) break;
    }
    if (phase_ != Phase::ended && clock_.now() >= progress_due_) add_progress(out);
    if (!closed_) chunks.push_back(http::make_chunk(std::move(out)));
    co_return chunks;
  }

  void close() override {
    closed_ = true;
    waiter_.complete(Wake{});
  }

 private:
  enum class Phase {
    beginning,
    indexing,  ///< of latestPerKey: reads all to find the latest
    reading,
    waiting,  ///< live, at the end
    ended,
  };

  Task<Result<void>> go_on(std::string& out) {
    if (phase_ == Phase::beginning) {
      const Result<void> begun = co_await begin(out);
      co_return begun;
    }
    if (phase_ == Phase::waiting) {
      const Result<void> waited = co_await wait();
      co_return waited;
    }
    if (reader_->must_fill()) {
      const Result<void> filled = co_await reader_->fill();
      for (const Note& note : reader_->take_notes()) text_->note(out, note);
      co_return filled;
    }
    if (reader_->at_end()) co_return come_to_end(out);
    std::size_t bytes = 0;
    const Result<void> took = take_piece(out, bytes);
    co_await yield_for(bytes);
    co_return took;
  }

  Task<Result<void>> begin(std::string& out) {
    const auto ranges = co_await find_ranges();
    if (!ranges) co_return ranges.error();
    reader_.emplace(admin_, topic_.name, query_.isolation, *ranges);
    text_->begin(out, topic_.name, *ranges, total());
    progress_due_ = clock_.now() + progress_interval;
    phase_ = query_.latest_per_key ? Phase::indexing : Phase::reading;
    co_return Result<void>();
  }

  Task<Result<std::vector<Range>>> find_ranges() {
    std::vector<TopicPartition> partitions;
    for (const PartitionDescription& one : topic_.partitions)
      if (!query_.partition || *query_.partition == one.partition) partitions.emplace_back(topic_.name, one.partition);
    const auto starts = co_await admin_.resolve(std::move(partitions), query_.from);
    if (!starts) co_return starts.error();
    std::vector<Range> ranges;
    for (const Position& start : *starts) {
      const PartitionDescription& one = topic_.partitions.at(static_cast<std::size_t>(start.tp.partition));
      Range range{one.partition, start.offset, std::max(one.end_offset, start.offset)};
      // Below the start the reader tells what is gone.
      if (query_.from.kind == Where::Kind::offset) range.begin = std::min(query_.from.value, start.offset);
      if (const auto own = query_.start.find(range.partition); own != query_.start.end()) range.begin = own->second;
      if (query_.isolation == Isolation::uncommitted) {
        const Result<std::int64_t> end = co_await end_of(start.tp, range.begin);
        if (!end) co_return end.error();
        range.end = *end;
      }
      if (range.begin > range.end)
        co_return Error(Errc::out_of_range,
                        fmt::format("offset {} of partition {} is not written yet, the next one is {}: is it of "
                                    "another log?",
                                    range.begin, range.partition, range.end));
      ranges.push_back(range);
    }
    co_return ranges;
  }

  /// Of all records, those of open transactions among them.
  Task<Result<std::int64_t>> end_of(const TopicPartition& tp, std::int64_t offset) {
    ReadLimits limits;
    limits.records_max = 1;
    limits.isolation = query_.isolation;
    const auto page = co_await admin_.read(tp, offset, limits);
    if (!page) co_return page.error();
    co_return page->end_offset;
  }

  /// What may be looked at without giving way; `taken` grows by its bytes.
  Result<void> take_piece(std::string& out, std::size_t& taken) {
    for (WorkPiece piece; !reader_->must_fill() && !reader_->at_end() && phase_ != Phase::ended;) {
      Row row = reader_->take();
      const std::size_t bytes = size_in_bytes(*row.read.record);
      taken += bytes;
      if (phase_ == Phase::indexing) {
        if (!row.is_marker() && !index_.add(row.read))
          return Error(Errc::invalid_argument,
                       fmt::format("there are more than {} keys: choose one partition or a later beginning",
                                   LatestIndex::keys_max));
      } else {
        look_at(row, out);
      }
      if (piece.add(bytes) || out.size() >= chunk_bytes) break;
    }
    return {};
  }

  void look_at(Row& row, std::string& out) {
    if (!row.is_marker()) ++progress_.read;
    if (query_.latest_per_key) {
      row.older = index_.older(row.read);
      if (!row.older) return;
    }
    if (!select(query_, row)) return;
    if (!row.is_marker()) ++progress_.shown;
    if (row.unjudged) ++progress_.unjudged;
    text_->row(out, row);
    if (query_.count && progress_.shown >= static_cast<std::int64_t>(*query_.count)) end(out, "limit");
  }

  Result<void> come_to_end(std::string& out) {
    if (phase_ == Phase::indexing) {
      reader_->rewind();
      phase_ = Phase::reading;
    } else if (query_.shape == Shape::live) {
      phase_ = Phase::waiting;
    } else {
      end(out, "end");
    }
    return {};
  }

  void end(std::string& out, std::string_view reason) {
    update_progress();
    text_->end(out, progress_, reason, query_.latest_per_key ? std::optional(index_.without_key()) : std::nullopt);
    phase_ = Phase::ended;
  }

  /// Until there is more, or it is time for a sign of life.
  Task<Result<void>> wait() {
    co_await closing_.wait_until(clock_, clock_.now() + poll_interval, &waiter_);
    if (closed_) co_return Result<void>();
    std::vector<TopicPartition> partitions = reader_->partitions();
    std::vector<Position> ends;
    if (query_.isolation == Isolation::committed) {
      const auto resolved = co_await admin_.resolve(std::move(partitions), Where::end());
      if (!resolved) co_return resolved.error();
      ends = *resolved;
    } else {
      for (const Position& next : reader_->next()) {
        const Result<std::int64_t> end = co_await end_of(next.tp, next.offset);
        if (!end) co_return end.error();
        ends.emplace_back(next.tp, *end);
      }
    }
    for (const Position& next : reader_->next())
      for (const Position& end : ends)
        if (end.tp == next.tp && end.offset < next.offset)
          co_return Error(Errc::not_found, fmt::format("topic {} was deleted and made again", topic_.name));
    reader_->extend(ends);
    if (reader_->must_fill()) phase_ = Phase::reading;
    co_return Result<void>();
  }

  [[nodiscard]] std::int64_t total() const { return reader_->total() * (query_.latest_per_key ? 2 : 1); }

  void update_progress() {
    progress_.total = total();
    progress_.done = reader_->done();
    if (query_.latest_per_key && phase_ != Phase::indexing) progress_.done += reader_->total();
    progress_.next = reader_->next();
  }

  void add_progress(std::string& out) {
    if (!reader_) return;
    update_progress();
    text_->progress(out, progress_);
    progress_due_ = clock_.now() + (phase_ == Phase::waiting ? live_progress_interval : progress_interval);
  }

  const StreamSlot slot_;
  Admin& admin_;
  Clock& clock_;
  const TopicDescription topic_;
  const MessageQuery query_;
  const std::unique_ptr<StreamText> text_;
  std::optional<TopicReader> reader_;
  LatestIndex index_;
  Progress progress_;
  Timestamp progress_due_{};
  Phase phase_ = Phase::beginning;
  bool closed_ = false;
  Condition closing_;
  Waiter<Wake> waiter_;
};

}  // namespace

std::unique_ptr<http::BodyStream> make_message_stream(std::shared_ptr<StreamSlots> slots, Admin& admin, Clock& clock,
                                                      TopicDescription topic, MessageQuery query) {
  return std::make_unique<MessageStream>(std::move(slots), admin, clock, std::move(topic), std::move(query));
}

}  // namespace foodorder::inspector
