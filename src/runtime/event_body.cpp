#include "foodorder/runtime/event_body.hpp"

#include "event_memo.hpp"
#include "foodorder/base/json.hpp"

#include <array>
#include <cassert>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace foodorder {

namespace {

/// Parsed bodies of the records that were written or read last, by their address. It keeps no record alive.
template <class T>
class Memo {
 public:
  template <class Parse>
  const T& get(const std::shared_ptr<const Record>& record, const Parse& parse) {
    Slot& slot = slot_of(record);
    if (!slot.parsed || !holds(slot, record)) {
      slot.parsed.emplace(parse(*record));
      slot.record = record;
    }
    return *slot.parsed;
  }

  /// The place for what is known of `record`, with what was there before: strings that are assigned to allocate
  /// nothing.
  std::optional<T>& place(const std::shared_ptr<const Record>& record) {
    Slot& slot = slot_of(record);
    slot.record = record;
    return slot.parsed;
  }

 private:
  static constexpr unsigned pair_bits = 11;

  struct Slot {
    std::weak_ptr<const Record> record;
    std::optional<T> parsed;
  };
  /// Two records whose addresses have the same hash do not push each other out; with one slot for both, one in ten of
  /// those that are read by several at a time was parsed again.
  struct Pair {
    std::array<Slot, 2> slots;
    std::size_t taken_last = 0;
  };

  /// A record that has gone cannot be mistaken for one that came to the same place: its owner differs.
  static bool holds(const Slot& slot, const std::shared_ptr<const Record>& record) noexcept {
    return !slot.record.owner_before(record) && !record.owner_before(slot.record);
  }

  /// The record's slot; if it has none, the one to take for it: that of its pair which was not taken last.
  Slot& slot_of(const std::shared_ptr<const Record>& record) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(record.get());
    Pair& pair = pairs_[static_cast<std::size_t>((address * 0x9e3779b97f4a7c15U) >> (64U - pair_bits))];
    for (Slot& slot : pair.slots)
      if (holds(slot, record)) return slot;
    pair.taken_last = 1 - pair.taken_last;
    return pair.slots[pair.taken_last];
  }

  std::vector<Pair> pairs_ = std::vector<Pair>(std::size_t{1} << pair_bits);
};

Error no_value() { return Error(Errc::invalid_argument, "a record without a value"); }

Result<EventHead> parse_head(const Record& record) {
  static constexpr std::array<std::string_view, 4> keys = {"source", "action", "orderId", "timestamp"};
  if (!record.value()) return no_value();
  auto strings = read_json_strings(*record.value(), keys);
  if (!strings) return strings.error();
  std::vector<std::optional<std::string>>& found = *strings;
  return EventHead{std::move(found[0]), std::move(found[1]), std::move(found[2]), std::move(found[3])};
}

Result<OrderEvent> parse_order(const Record& record) {
  if (!record.value()) return no_value();
  return parse_order_event(*record.value());
}

void assign(std::optional<std::string>& kept, const std::optional<std::string_view>& text) {
  if (kept && text)
    kept->assign(*text);
  else
    kept = text;
}

Memo<Result<EventHead>>& heads() {
  static thread_local Memo<Result<EventHead>> memo;
  return memo;
}

Memo<Result<OrderEvent>>& orders() {
  static thread_local Memo<Result<OrderEvent>> memo;
  return memo;
}

}  // namespace

// Pure functions of the record: that results are remembered cannot be told from outside.

const Result<EventHead>& event_head(const ConsumerRecord& record) { return heads().get(record.record, parse_head); }

const Result<OrderEvent>& order_event(const ConsumerRecord& record) { return orders().get(record.record, parse_order); }

void remember(const std::shared_ptr<const Record>& record, const EventHeadView& head) {
  std::optional<Result<EventHead>>& place = heads().place(record);
  if (!place || !*place) place.emplace(EventHead());
  EventHead& kept = place->value();
  assign(kept.source, head.source);
  assign(kept.action, head.action);
  assign(kept.order_id, head.order_id);
  assign(kept.timestamp, head.timestamp);
  assert(parse_head(*record).value() == kept);
}

void remember(const std::shared_ptr<const Record>& record, const OrderEvent& event) {
  remember(record, EventHeadView{{}, to_string(event.action), {}, to_iso_millis(event.timestamp).view()});
  assert(parse_order(*record).value() == event);
  std::optional<Result<OrderEvent>>& place = orders().place(record);
  if (place && *place)
    place->value() = event;
  else
    place.emplace(event);
}

}  // namespace foodorder
