#include "streams.hpp"

#include "foodorder/base/base64.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/runtime/topics.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>

namespace foodorder::verify {

namespace {

/// A partition that the event stream relays.
struct Slot {
  TopicPartition partition;
  std::string event_type;
  std::string before;  ///< what stands before its offset in an id

  [[nodiscard]] std::string name() const { return fmt::format("{}-{}", partition.topic, partition.partition); }
};

const std::vector<Slot>& slots() {
  static const std::vector<Slot> all = [] {
    std::vector<Slot> slots;
    for (const foodorder::Topic& topic : topics::table())
      for (std::int32_t partition = 0; topic.on_events() && partition < topic.partitions; ++partition)
        slots.push_back({TopicPartition(topic.name, partition), topic.event_type,
                         partition > 0 ? "," : fmt::format("{}{}=", slots.empty() ? ":" : ";", topic.name)});
    return slots;
  }();
  return all;
}

std::optional<std::size_t> slot_of(const Entry& entry) noexcept {
  for (std::size_t slot = 0; slot < slots().size(); ++slot)
    if (slots()[slot].partition == entry.record.position.tp) return slot;
  return {};
}

/// First deliveries and what is told on `audit`, as far as they can be read; and all dead letters.
bool is_relayed(const Entry& entry) {
  if (entry.topic == Topic::orders) return entry.retries == 0 && entry.order.has_value();
  return entry.topic != Topic::audit || (!entry.source.empty() && !entry.action.empty() && !entry.order_id.empty());
}

}  // namespace

std::optional<StreamOffsets> parse_stream_id(std::string_view id) {
  StreamOffsets next(slots().size());
  std::string_view rest = id.substr(std::min(id.rfind(slots().front().before), id.size()));
  for (std::size_t slot = 0; slot < next.size(); ++slot) {
    const std::string& before = slots()[slot].before;
    if (!rest.starts_with(before)) return {};
    rest.remove_prefix(before.size());
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), next[slot]);
    if (parsed.ec != std::errc()) return {};
    rest.remove_prefix(static_cast<std::size_t>(parsed.ptr - rest.data()));
  }
  return rest.empty() ? std::optional(next) : std::nullopt;
}

class Streams::Client final : public StreamCheck {
 public:
  Client(Streams& streams, std::size_t number) : streams_(streams), who_(fmt::format("reader {}", number)) {}

  void connect() override { greeted_ = false; }

  void event(std::string_view id, std::string_view name, std::string_view data) override {
    const bool beat = name == "heartbeat";  // it moves the position, and its data tells of no record
    if (!name.empty() && !beat) return wrong(fmt::format("got `event: {}` {}", name, data));
    const auto next = parse_stream_id(id);
    if (!next) return wrong(fmt::format("got an event with the id \"{}\"", id));
    if (!position_) position_ = *next;  // from here on nothing may be missing
    if (!greeted_ && *next != *position_)
      wrong(fmt::format("asked to resume at {}, and was greeted with {}", last_id_, id));
    greeted_ = true;
    follow(*next, beat ? std::string_view() : data);
    position_ = *next;
    last_id_ = id;
  }

  [[nodiscard]] const std::string& last_id() const noexcept override { return last_id_; }

  void check_end() {
    if (!position_) return;
    for (std::size_t slot = 0; slot < slots().size(); ++slot) {
      const auto end = static_cast<std::int64_t>(streams_.relayed_[slot].size());
      for (std::int64_t offset = (*position_)[slot]; offset < end; ++offset)
        if (relayed(slot, offset)) wrong(fmt::format("never got {}@{}", slots()[slot].name(), offset));
    }
  }

 private:
  [[nodiscard]] const std::optional<std::string>* relayed(std::size_t slot, std::int64_t offset) const {
    const Relayed& records = streams_.relayed_[slot];
    if (offset < 0 || offset >= static_cast<std::int64_t>(records.size())) return nullptr;
    const auto& record = records[static_cast<std::size_t>(offset)];
    return record ? &*record : nullptr;
  }

  /// The step from one id to the next passes no relayed record but the one that came with it.
  void follow(const StreamOffsets& next, std::string_view data) {
    bool found = data.empty();
    for (std::size_t slot = 0; slot < slots().size(); ++slot) {
      if (next[slot] < (*position_)[slot])
        wrong(fmt::format("went back in {} to {}", slots()[slot].name(), next[slot]));
      for (std::int64_t offset = (*position_)[slot]; offset < next[slot]; ++offset) {
        const auto* value = relayed(slot, offset);
        if (!value) continue;
        if (!found && offset == next[slot] - 1 && is(slot, *value, data))
          found = true;
        else
          wrong(fmt::format("did not get {}@{}", slots()[slot].name(), offset));
      }
    }
    if (!found) wrong(fmt::format("got what the log does not have there: {}", data));
  }

  static bool is(std::size_t slot, const std::optional<std::string>& value, std::string_view data) {
    const auto shows = [&](std::string_view json) {
      std::string event = JsonObject().add("type", slots()[slot].event_type).add_raw("data", json).take();
      event.pop_back();  // a time follows
      return data.starts_with(event);
    };
    if (!value) return shows("null");
    if (shows(*value)) return true;
    std::string bytes = JsonObject().add("base64", to_base64(*value)).take();
    bytes.pop_back();  // a reason follows
    return shows(bytes);
  }

  void wrong(const std::string& what) { streams_.report_.add("stream", fmt::format("{} {}", who_, what)); }

  Streams& streams_;
  std::string who_;
  std::optional<StreamOffsets> position_;
  bool greeted_ = false;
  std::string last_id_;
};

Streams::Streams(Report& report) : report_(report), relayed_(slots().size()) {}
Streams::~Streams() = default;

void Streams::record(const Entry& entry) {
  const auto slot = slot_of(entry);
  if (!slot) return;
  Relayed& records = relayed_[*slot];
  records.resize(static_cast<std::size_t>(entry.record.position.offset) + 1);
  if (is_relayed(entry)) records.back() = entry.value();
}

StreamCheck& Streams::add() {
  clients_.push_back(std::make_unique<Client>(*this, clients_.size() + 1));
  return *clients_.back();
}

void Streams::check_ends() {
  for (const auto& client : clients_) client->check_end();
}

}  // namespace foodorder::verify
