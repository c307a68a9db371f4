#include "history.hpp"

#include "conditions.hpp"
#include "foodorder/base/base64.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/utf8.hpp"
#include "foodorder/base/yield.hpp"

#include <fmt/format.h>
#include <limits>

namespace foodorder::order {

namespace {

constexpr std::size_t page_max_records = 2000;
constexpr std::size_t page_max_bytes = 1U << 20U;

/// A JSON string: the text, or base64 where the bytes are none. True for base64.
bool add_bytes(JsonObject& out, std::string_view name, std::optional<std::string_view> bytes) {
  const bool is_text = !bytes || is_utf8(*bytes);
  if (!bytes)
    out.add_raw(name, "null");
  else if (is_text)
    out.add(name, *bytes);
  else
    out.add(name, to_base64(*bytes));
  return !is_text;
}

}  // namespace

HistoryReader::HistoryReader(Admin& admin, const HistoryIndex& index, std::string order_id)
    : admin_(admin), index_(index), order_id_(std::move(order_id)) {}

Task<Result<SlotOffsets>> HistoryReader::start_at(std::optional<Timestamp> time) {
  const FeedSlots& slots = index_.slots();
  const Where where = time ? Where::at_time(*time) : Where::beginning();
  const auto positions = co_await admin_.resolve(slots.partitions(slots.size()), where);
  if (!positions) co_return positions.error();
  SlotOffsets offsets(slots.size());
  for (const Position& position : *positions)
    if (const auto slot = slots.find(position.tp)) offsets[*slot] = position.offset;
  co_return offsets;
}

Task<Result<HistoryReader::Page>> HistoryReader::read(SlotOffsets from, std::size_t limit) {
  std::vector<Source> sources;
  for (std::size_t slot = 0; slot < index_.slots().size(); ++slot) {
    Source& source = sources.emplace_back();
    source.slot = slot;
    source.next = from[slot];
  }
  Page page;
  bool complete = false;
  for (;;) {
    const auto filled = co_await fill(sources);
    if (!filled) co_return filled.error();
    if (!*filled) break;
    Source* oldest = nullptr;
    for (Source& source : sources) {
      if (source.ready.empty()) continue;
      if (!oldest || source.ready.front().record->timestamp < oldest->ready.front().record->timestamp) oldest = &source;
    }
    complete = oldest == nullptr;
    if (complete || page.records.size() == limit) break;
    page.records.push_back(oldest->ready.front());
    oldest->ready.pop_front();
  }
  if (!complete) {
    SlotOffsets next = from;
    for (const Source& source : sources)
      next[source.slot] = source.ready.empty() ? source.next : source.ready.front().position.offset;
    page.next = next;
  }
  co_return page;
}

Task<Result<bool>> HistoryReader::fill(std::vector<Source>& sources) {
  for (Source& source : sources) {
    while (source.ready.empty() && !source.from_index) {
      if (source.next >= index_.floor()[source.slot]) {
        for (ConsumerRecord& record : index_.find(order_id_, source.slot, source.next)) {
          source.next = record.position.offset + 1;
          source.ready.push_back(std::move(record));
        }
        source.from_index = true;
        break;
      }
      if (scanned_ >= scan_max_records) co_return false;
      const auto read = co_await read_log(source);
      if (!read) co_return read.error();
    }
  }
  co_return true;
}

Task<Result<void>> HistoryReader::read_log(Source& source) {
  co_await yield();
  ReadLimits limits;
  limits.records_max = page_max_records;
  limits.bytes_max = page_max_bytes;
  const std::int64_t floor = index_.floor()[source.slot];
  const auto page = co_await admin_.read(index_.slots().partition(source.slot), source.next, limits);
  if (!page) co_return page.error();
  scanned_ += std::max<std::size_t>(page->records.size(), 1);
  for (const ConsumerRecord& record : page->records)
    if (tells_of(record, order_id_)) source.ready.push_back(record);
  source.next = std::max(page->records.empty() ? floor : page->next_offset, source.next);
  co_return Result<void>();
}

std::string to_cursor(std::string_view log_id, const SlotOffsets& offsets) {
  return fmt::format("{}.{}", log_tag(log_id), fmt::join(offsets, "."));
}

std::optional<SlotOffsets> parse_cursor(std::string_view log_id, std::size_t slots, std::string_view text) {
  const std::string log = log_tag(log_id) + '.';
  if (!text.starts_with(log)) return {};
  text.remove_prefix(log.size());
  SlotOffsets offsets(slots);
  for (std::size_t slot = 0; slot < slots; ++slot) {
    const std::string_view digits = text.substr(0, text.find('.'));
    const auto offset = whole_number(digits, 0, std::numeric_limits<std::int64_t>::max() - 1);
    if (!offset) return {};
    offsets[slot] = *offset;
    const bool last = slot + 1 == slots;
    if (last != (digits.size() == text.size())) return {};
    text.remove_prefix(last ? digits.size() : digits.size() + 1);
  }
  return offsets;
}

std::string history_json(const ConsumerRecord& read) {
  const Record& record = *read.record;
  JsonObject out;
  out.add("topic", read.position.tp.topic)
      .add("partition", read.position.tp.partition)
      .add("offset", read.position.offset)
      .add("timestamp", record.timestamp);
  add_bytes(out, "key", record.key());
  out.add_objects("headers", record.headers, [](JsonObject& inner, const Header& header) {
    add_bytes(inner, "name", header.name);
    if (add_bytes(inner, "value", header.value)) inner.add("base64", true);
  });
  if (record.value() && !parse_json(*record.value()))
    out.add("value", to_base64(*record.value())).add("base64", true);
  else
    out.add_raw("value", record.value().value_or("null"));
  return out.take();
}

}  // namespace foodorder::order
