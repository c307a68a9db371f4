#include "topic_reader.hpp"

#include "foodorder/base/yield.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::inspector {

namespace {

// Of all partitions together.
constexpr std::size_t held_max_records = 4'000;
constexpr std::size_t held_max_bytes = 4 << 20;
constexpr std::size_t page_min_records = 16;
constexpr std::size_t page_max_records = 1'000;

}  // namespace

TopicReader::TopicReader(Admin& admin, std::string topic, Isolation isolation, const std::vector<Range>& ranges)
    : admin_(admin), topic_(std::move(topic)) {
  const std::size_t partitions = std::max<std::size_t>(ranges.size(), 1);
  limits_.records_max = std::clamp(held_max_records / partitions, page_min_records, page_max_records);
  limits_.bytes_max = std::min(held_max_bytes / partitions, ReadLimits().bytes_max);
  limits_.isolation = isolation;
  for (const Range& range : ranges) {
    Source& source = sources_.emplace_back();
    source.tp = TopicPartition(topic_, range.partition);
    source.begin = source.next = source.read_to = range.begin;
    source.end = range.end;
    if (source.next < source.end) ++empty_;
  }
}

Task<Result<void>> TopicReader::fill() {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    Source& source = sources_[i];
    while (source.rows.empty() && source.next < source.end) {
      co_await yield();
      const auto page = co_await admin_.read(source.tp, source.read_to, limits_);
      if (!page) co_return page.error();
      if (page->end_offset < source.read_to)
        co_return Error(Errc::not_found, fmt::format("topic {} was deleted and made again while it was read", topic_));
      add_page(source, *page);
    }
    place(i);
  }
  empty_ = 0;
  co_return Result<void>();
}

void TopicReader::add_page(Source& source, const ReadPage& page) {
  if (page.start_offset > source.read_to)
    notes_.push_back({source.tp.partition, fmt::format("offsets {} to {} are gone: retention has removed them",
                                                       source.read_to, page.start_offset - 1)});
  for (Row& row : rows_of(source.tp, page))
    if (row.read.position.offset < source.end) source.rows.push_back(std::move(row));
  const bool no_more = page.next_offset <= source.read_to && page.records.empty();
  source.read_to = no_more ? source.end : std::clamp(page.next_offset, source.read_to, source.end);
  // The last offsets of a range may hold no record.
  if (source.rows.empty()) source.next = std::min(source.read_to, source.end);
}

/// Its first row has changed.
void TopicReader::place(std::size_t index) {
  Source& source = sources_[index];
  if (!source.rows.empty()) order_.emplace(source.rows.front().read.record->timestamp, index);
}

Row TopicReader::take() {
  const std::size_t index = order_.extract(order_.begin()).value().second;
  Source& source = sources_[index];
  Row row = std::move(source.rows.front());
  source.rows.pop_front();
  source.next = source.rows.empty() ? std::min(source.read_to, source.end) : row.read.position.offset + 1;
  place(index);
  if (source.rows.empty() && source.next < source.end) ++empty_;
  return row;
}

void TopicReader::extend(const std::vector<Position>& ends) {
  empty_ = 0;
  for (Source& source : sources_) {
    const auto same = [&](const Position& end) { return end.tp == source.tp; };
    const auto found = std::find_if(ends.begin(), ends.end(), same);
    if (found != ends.end()) source.end = std::max(source.end, found->offset);
    if (source.rows.empty() && source.next < source.end) ++empty_;
  }
}

void TopicReader::rewind() {
  order_.clear();
  empty_ = 0;
  for (Source& source : sources_) {
    source.rows.clear();
    source.next = source.read_to = source.begin;
    if (source.next < source.end) ++empty_;
  }
}

std::int64_t TopicReader::total() const noexcept {
  std::int64_t total = 0;
  for (const Source& source : sources_) total += std::max<std::int64_t>(0, source.end - source.begin);
  return total;
}

std::int64_t TopicReader::done() const noexcept {
  std::int64_t done = 0;
  for (const Source& source : sources_) done += source.next - source.begin;
  return done;
}

std::vector<Position> TopicReader::next() const {
  std::vector<Position> places;
  for (const Source& source : sources_) places.emplace_back(source.tp, source.next);
  return places;
}

std::vector<Range> TopicReader::ranges() const {
  std::vector<Range> all;
  for (const Source& source : sources_) all.push_back({source.tp.partition, source.begin, source.end});
  return all;
}

std::vector<TopicPartition> TopicReader::partitions() const {
  std::vector<TopicPartition> all;
  for (const Source& source : sources_) all.push_back(source.tp);
  return all;
}

}  // namespace foodorder::inspector
