#include "message_scan.hpp"

#include "foodorder/base/give_way.hpp"

#include <algorithm>

namespace foodorder::inspector {

namespace {

// What is read of a partition for one answer at most.
constexpr std::size_t read_max_records = 20'000;
constexpr std::size_t read_max_bytes = 64 << 20;
// Reading back goes block by block, in steps of offsets.
constexpr std::int64_t block_max_records = 500;

}  // namespace

bool MessageScan::worn_out() const noexcept {
  return records_read_ >= read_max_records || bytes_read_ >= read_max_bytes;
}

Task<Result<Found>> MessageScan::from(std::int64_t offset) {
  Found found;
  for (;;) {
    co_await give_way();
    const auto page = co_await admin_.read(tp_, offset, ReadLimits());
    if (!page) co_return page.error();
    for (const ConsumerRecord& record : page->records) {
      const std::size_t bytes = size_in_bytes(*record.record);
      if (query_.matches(*record.record)) {
        const bool full = found.bytes + bytes > bytes_max_ && !found.records.empty();
        if (full || found.records.size() == query_.limit) {
          found.next = record.position.offset;
          co_return found;
        }
        found.records.push_back(record);
        found.bytes += bytes;
      }
      ++records_read_;
      bytes_read_ += bytes;
    }
    offset = std::max(page->next_offset, offset);
    if (page->records.empty() || offset >= page->end_offset) co_return found;
    if (worn_out() || found.records.size() == query_.limit) break;
  }
  found.next = offset;
  co_return found;
}

Task<Result<Found>> MessageScan::before(std::int64_t end, std::int64_t start) {
  Found found;
  bool full = false;
  while (end > start && !full && !worn_out() && found.records.size() < query_.limit) {
    const std::int64_t begin = std::max(start, end - block_max_records);
    const Result<bool> fits = co_await add_block(found, begin, end);
    if (!fits) co_return fits.error();
    full = !*fits;
    end = begin;
  }
  if (full)
    found.previous = found.records.front().position.offset;
  else if (end > start)
    found.previous = end;
  co_return found;
}

/// Puts what matches in [begin, end) before what was found; false if the oldest of that did not fit.
Task<Result<bool>> MessageScan::add_block(Found& found, std::int64_t begin, std::int64_t end) {
  std::deque<ConsumerRecord> block;
  bool fits = true;
  const auto over = [&] { return block.size() + found.records.size() > query_.limit || found.bytes > bytes_max_; };
  while (begin < end) {
    ReadLimits limits;
    limits.records_max = static_cast<std::size_t>(end - begin);
    co_await give_way();
    const auto page = co_await admin_.read(tp_, begin, limits);
    if (!page) co_return page.error();
    for (const ConsumerRecord& record : page->records) {
      if (record.position.offset >= end) break;
      const std::size_t bytes = size_in_bytes(*record.record);
      ++records_read_;
      bytes_read_ += bytes;
      if (!query_.matches(*record.record)) continue;
      block.push_back(record);
      found.bytes += bytes;
      for (; over() && block.size() + found.records.size() > 1 && !block.empty(); fits = false) {
        found.bytes -= size_in_bytes(*block.front().record);
        block.pop_front();
      }
    }
    if (page->records.empty()) break;
    begin = std::max(page->next_offset, begin + 1);
  }
  found.records.insert(found.records.begin(), block.begin(), block.end());
  co_return fits;
}

}  // namespace foodorder::inspector
