#include "message_scan.hpp"

#include "turns.hpp"

#include <algorithm>

namespace foodorder::inspector {

namespace {

// What is read of a partition for one answer at most.
constexpr std::size_t read_max_records = 20'000;
constexpr std::size_t read_max_bytes = 64 << 20;
// Reading back goes block by block, in steps of offsets.
constexpr std::int64_t block_max_records = 500;

}  // namespace

bool MessageScan::worn_out(const Found& found) const noexcept {
  return found.read >= read_max_records || bytes_read_ >= read_max_bytes;
}

Task<Result<Found>> MessageScan::from(std::int64_t offset) {
  Found found;
  ReadLimits limits;
  limits.isolation = query_.isolation;
  for (std::size_t bytes_before = bytes_read_;;) {
    co_await yield_for(bytes_read_ - bytes_before);
    bytes_before = bytes_read_;
    const auto page = co_await admin_.read(tp_, offset, limits);
    if (!page) co_return page.error();
    found.end = page->end_offset;
    if (page->start_offset > offset) found.gone_to = page->start_offset;
    for (Row& row : rows_of(tp_, *page)) {
      const std::size_t bytes = size_in_bytes(*row.read.record);
      if (select(query_, row)) {
        const bool full = found.bytes + bytes > bytes_max_ && !found.rows.empty();
        if (full || found.rows.size() == query_.limit) {
          found.next = row.read.position.offset;
          co_return found;
        }
        found.rows.push_back(std::move(row));
        found.bytes += bytes;
      }
      ++found.read;
      bytes_read_ += bytes;
    }
    const bool nothing = page->next_offset <= offset && page->records.empty();
    offset = std::max(page->next_offset, offset);
    if (nothing || offset >= page->end_offset) co_return found;
    if (worn_out(found) || found.rows.size() == query_.limit) break;
  }
  found.next = offset;
  co_return found;
}

Task<Result<Found>> MessageScan::before(std::int64_t end, std::int64_t start) {
  Found found;
  found.end = end;
  bool full = false;
  while (end > start && !full && !worn_out(found) && found.rows.size() < query_.limit) {
    const std::int64_t begin = std::max(start, end - block_max_records);
    const Result<bool> fits = co_await add_block(found, begin, end);
    if (!fits) co_return fits.error();
    full = !*fits;
    end = begin;
  }
  if (full)
    found.previous = found.rows.front().read.position.offset;
  else if (end > start)
    found.previous = end;
  co_return found;
}

/// Puts what matches in [begin, end) before what was found; false if the oldest of that did not fit.
Task<Result<bool>> MessageScan::add_block(Found& found, std::int64_t begin, std::int64_t end) {
  std::deque<Row> block;
  bool fits = true;
  const auto over = [&] { return block.size() + found.rows.size() > query_.limit || found.bytes > bytes_max_; };
  for (std::size_t bytes_before = bytes_read_; begin < end;) {
    ReadLimits limits;
    limits.records_max = static_cast<std::size_t>(end - begin);
    limits.isolation = query_.isolation;
    co_await yield_for(bytes_read_ - bytes_before);
    bytes_before = bytes_read_;
    const auto page = co_await admin_.read(tp_, begin, limits);
    if (!page) co_return page.error();
    for (Row& row : rows_of(tp_, *page)) {
      if (row.read.position.offset >= end) break;
      const std::size_t bytes = size_in_bytes(*row.read.record);
      ++found.read;
      bytes_read_ += bytes;
      if (!select(query_, row)) continue;
      block.push_back(std::move(row));
      found.bytes += bytes;
      for (; over() && block.size() + found.rows.size() > 1 && !block.empty(); fits = false) {
        found.bytes -= size_in_bytes(*block.front().read.record);
        block.pop_front();
      }
    }
    if (page->next_offset <= begin) break;
    begin = page->next_offset;
  }
  found.rows.insert(found.rows.begin(), std::make_move_iterator(block.begin()), std::make_move_iterator(block.end()));
  co_return fits;
}

}  // namespace foodorder::inspector
