#include "status_reconciler.hpp"

#include "foodorder/base/json.hpp"

#include <algorithm>
#include <unordered_set>

namespace foodorder::order {

namespace {

EventKey key_of(EventKey order, std::int32_t partition) {
  order.high += static_cast<std::uint64_t>(partition);
  return order;
}

}  // namespace

TextBuffer status_json(const Order& order, Timestamp updated_at) {
  TextBuffer text;
  JsonObject(text)
      .add("id", order.id)
      .add("customerName", order.customer_name)
      .add("item", order.item)
      .add("status", order.status)
      .add("updatedAt", updated_at)
      .end();
  return text;
}

void StatusReconciler::take(LandedStatus landed, Timestamp now) {
  waiting_.push_back(Waiting{std::move(landed), now + wait_max});
  if (waiting_.size() > waiting_max) waiting_.pop_front();
}

std::vector<OrderStatus> StatusReconciler::corrections(const Known& known, const Began& began, Timestamp now) {
  judge_waiting(known, now);
  std::vector<OrderStatus> found;
  if (!began) return found;
  for (auto& [id, suspect] : suspects_) {
    if (suspect.written_again) continue;
    auto correction = correction_of(suspect.landed);
    if (!correction) continue;
    const auto from = began(correction->status.source.partition);
    if (!from || (correction->awaited && *from <= correction->status.source.offset)) continue;
    found.push_back(std::move(correction->status));
    suspect.written_again = true;
  }
  return found;
}

void StatusReconciler::judge_waiting(const Known& known, Timestamp now) {
  std::unordered_set<std::string_view> held;  // orders with a status that is not known yet
  const auto last = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), looked_at_max));
  auto kept = waiting_.begin();
  for (auto next = waiting_.begin(); next != last; ++next) {
    const LandedStatus& status = next->status;
    if (now < next->until && (held.contains(status.id()) || !known(status.source))) {
      held.insert(status.id());
      if (kept != next) *kept = std::move(*next);
      ++kept;
    } else if (known(status.source)) {
      judge(next->status);
    }
  }
  waiting_.erase(kept, last);
}

void StatusReconciler::note(const LandedStatus& landed) {
  const EventKey key = key_of(landed.order, landed.source.partition);
  const auto [newest, added] = newest_.try_emplace(key, landed.source.offset);
  newest->second = std::max(newest->second, landed.source.offset);
  if (!added) return;
  newest_in_order_.push_back(key);
  if (newest_in_order_.size() <= remembered_max) return;
  newest_.erase(newest_in_order_.front());
  newest_in_order_.pop_front();
}

void StatusReconciler::judge(const LandedStatus& landed) {
  note(landed);
  suspects_.erase(landed.id());
  if (suspects_.size() < suspects_max && correction_of(landed)) suspects_.emplace(landed.id(), Suspect(landed));
}

std::optional<StatusReconciler::Correction> StatusReconciler::correction_of(const LandedStatus& landed) const {
  const StoredOrder* live = store_.find(landed.id());
  const AbsentOrder* absent = live ? nullptr : store_.find_absent(landed.id());
  LogPlace source = landed.source;
  if (live)
    source = {live->last.partition, live->last.offset};
  else if (absent && absent->deleted)
    source = {absent->deleted->partition, absent->deleted->offset};
  // What landed follows from a record that the store has folded: in another partition it is not the latest.
  const auto known = newest_.find(key_of(landed.order, source.partition));
  const std::int64_t same = source.partition == landed.source.partition ? landed.source.offset : -1;
  const std::int64_t newest = known == newest_.end() ? same : known->second;
  const bool awaited = newest < source.offset;
  source.offset = std::max(source.offset, newest);
  if (!live && store_.left_out() > 0) return {};  // it may live without being here
  TextBuffer text;
  if (live) text = status_json(live->order, live->updated_at);
  const Record::Bytes right = live ? Record::Bytes(text.view()) : std::nullopt;
  if (right == landed.record->value()) return {};
  return Correction{OrderStatus(std::string(landed.id()), source, live ? std::optional(text.str()) : std::nullopt),
                    awaited};
}

}  // namespace foodorder::order
