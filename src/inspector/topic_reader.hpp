#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "row.hpp"

#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace foodorder::inspector {

/// Something that the reader of a partition should know.
struct Note {
  std::int32_t partition;
  std::string text;
};

/// Offsets of a partition to be read: [begin, end).
struct Range {
  std::int32_t partition;
  std::int64_t begin;
  std::int64_t end;
};

/// Reads ranges of the partitions of one topic, merged by time; within a partition the order of the offsets stays. It
/// holds some MiB of records, or one of each partition if those are larger.
class TopicReader {
 public:
  TopicReader(Admin& admin, std::string topic, Isolation isolation, const std::vector<Range>& ranges);

  /// Whether fill() has to be called before the next take().
  [[nodiscard]] bool must_fill() const noexcept { return empty_ > 0; }
  /// Reads a page of each partition that has nothing left. Errors: as Admin::read; not_found also where a topic was
  /// deleted and made again.
  Task<Result<void>> fill();
  /// After fill(): nothing is left.
  [[nodiscard]] bool at_end() const noexcept { return empty_ == 0 && order_.empty(); }
  Row take();

  /// Goes on to these ends, which are not lower than before.
  void extend(const std::vector<Position>& ends);
  /// All from the first offset again, to the ends as they are.
  void rewind();

  [[nodiscard]] std::int64_t total() const noexcept;  ///< offsets of all ranges
  [[nodiscard]] std::int64_t done() const noexcept;   ///< those that were passed
  /// The next offset of each partition.
  [[nodiscard]] std::vector<Position> next() const;
  [[nodiscard]] std::vector<Range> ranges() const;
  [[nodiscard]] std::vector<TopicPartition> partitions() const;
  /// What was noted since the last call.
  std::vector<Note> take_notes() { return std::exchange(notes_, {}); }

 private:
  struct Source {
    TopicPartition tp;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t read_to = 0;  ///< where the next page begins
    std::int64_t next = 0;     ///< of take()
    std::deque<Row> rows{};
  };

  void add_page(Source& source, const ReadPage& page);
  void place(std::size_t index);

  Admin& admin_;
  const std::string topic_;
  ReadLimits limits_;
  std::vector<Source> sources_;
  std::set<std::pair<Timestamp, std::size_t>> order_;  ///< sources that have rows, by the time of the first
  std::size_t empty_ = 0;                              ///< sources without rows that are not at their ends
  std::vector<Note> notes_;
};

}  // namespace foodorder::inspector
