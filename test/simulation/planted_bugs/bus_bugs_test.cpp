#include "bus/partitioner.hpp"
#include "conformance/planted_bugs/planted_bus.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"
#include "hunt.hpp"
#include "support/catch.hpp"
#include "support/edit_record.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>

// Bugs that a module, or the bus under it, might have, planted between the two.

using namespace foodorder;
using namespace foodorder::simulation;
using conformance::Hooks;
using conformance::own_record;

namespace {

struct Bug {
  std::string_view name;
  Hooks (*plant)();
  std::vector<std::string_view> caught_by;  ///< any of them
};

using Sent = std::vector<ProducerRecord>;

Hooks in_sent(void (*spoil)(ProducerRecord&)) {
  Hooks hooks;
  hooks.before_send = [spoil](Sent& records) { std::ranges::for_each(records, spoil); };
  return hooks;
}

bool is_retried(const ProducerRecord& sent) { return sent.topic == topics::orders && is_retry(*sent.record); }

void drop_header(ProducerRecord& sent, std::string_view name) {
  Headers kept;
  for (const Header& header : sent.record->headers)
    if (header.name != name) kept.add(header);
  own_record(sent).headers = std::move(kept);
}

Hooks retry_without_key() {
  return in_sent([](ProducerRecord& sent) {
    if (is_retried(sent)) test::set_key(own_record(sent), {});
  });
}

Hooks retry_without_id() {
  return in_sent([](ProducerRecord& sent) {
    if (is_retried(sent)) drop_header(sent, headers::ce_id);
  });
}

Hooks retry_without_count() {
  return in_sent([](ProducerRecord& sent) {
    if (is_retried(sent)) drop_header(sent, headers::retry_count);
  });
}

Hooks retry_counts_twice() {
  return in_sent([](ProducerRecord& sent) {
    if (!is_retried(sent)) return;
    own_record(sent).headers.replace(headers::retry_count, std::to_string(retry_count(*sent.record) + 1));
  });
}

Hooks deletion_without_tombstone() {
  return in_sent([](ProducerRecord& sent) {
    if (sent.topic == topics::order_status && !sent.record->value())
      test::set_value(own_record(sent), R"({"status":"deleted"})");
  });
}

/// What a random id in place of a derived one does when work is done twice.
Hooks fresh_ids() {
  Hooks hooks;
  hooks.before_send = [ids = std::shared_ptr<IdSource>(make_seeded_ids(1))](Sent& records) {
    for (ProducerRecord& sent : records)
      if (sent.topic == topics::audit) own_record(sent).headers.replace(headers::ce_id, ids->uuid());
  };
  return hooks;
}

Hooks batches_are_reversed() {
  Hooks hooks;
  hooks.before_send = [](Sent& records) { std::ranges::reverse(records); };
  return hooks;
}

Hooks failed_sends_count_as_sent() {
  Hooks hooks;
  hooks.after_send = [](std::vector<Result<Position>>& results) {
    for (Result<Position>& result : results)
      if (!result) result = Position(TopicPartition("orders", 0), 0);
  };
  return hooks;
}

Hooks committed_when_delivered() {
  Hooks hooks;
  hooks.delivery_commits = true;
  return hooks;
}

Hooks commits_are_one_too_high() {
  Hooks hooks;
  hooks.commit = [](std::vector<Position>& next, Consumer& consumer) -> conformance::Instead {
    for (const Position& reading : consumer.assignment())
      for (Position& position : next)
        if (position.tp == reading.tp) position.offset = std::max(position.offset, reading.offset);
    return {};
  };
  return hooks;
}

Hooks groups_begin_at_the_end() {
  Hooks hooks;
  hooks.subscribe = [](ConsumerSpec& spec) {
    if (spec.group) spec.offset_reset = ConsumerSpec::OffsetReset::latest;
  };
  return hooks;
}

Hooks commits_do_nothing() {
  Hooks hooks;
  hooks.commit = [](std::vector<Position>&, Consumer&) -> conformance::Instead { return Result<void>(); };
  return hooks;
}

/// Some batch of each consumer is never handled.
Hooks batches_are_lost() {
  Hooks hooks;
  hooks.event = [count = std::make_shared<int>(0)](Result<ConsumerEvent>& event, Consumer&) {
    return !event || !std::holds_alternative<Records>(*event) || ++*count % 20 != 0;
  };
  return hooks;
}

const std::vector<Bug>& bugs() {
  static const std::vector<Bug> all = {
      {"a retry loses its key", retry_without_key, {"attempts"}},
      {"a retry loses its ce_id", retry_without_id, {"attempts", "identity"}},
      {"a retry loses its retryCount", retry_without_count, {"commit", "attempts"}},
      {"a retry counts twice", retry_counts_twice, {"attempts", "commit"}},
      {"a deletion writes no tombstone on order-status", deletion_without_tombstone, {"status-fold", "settles"}},
      {"a derived record has a fresh ce_id each time", fresh_ids, {"identity"}},
      {"the records of a batch are sent in reverse", batches_are_reversed, {"order", "commit"}},
      {"a send that failed counts as sent", failed_sends_count_as_sent, {"commit", "acknowledged", "one-outcome"}},
      {"records are committed when they are delivered", committed_when_delivered, {"commit"}},
      {"the highest record that was read is committed", commits_are_one_too_high, {"commit"}},
      {"a group that has committed nothing begins at the end",
       groups_begin_at_the_end,
       {"one-outcome", "derived", "settles"}},
      {"commits are answered and forgotten", commits_do_nothing, {"settles"}},
      {"a batch is lost on its way",
       batches_are_lost,
       {"commit", "one-outcome", "derived", "settles", "stream", "statistics"}},
  };
  return all;
}

Make planted(Hooks (*plant)()) {
  Make make{product_modules(), {}, {}};
  make.wrap_bus = [plant](std::unique_ptr<EventBus> bus, Executor executor) {
    return conformance::make_planted_bus(std::move(bus), plant(), std::move(executor));
  };
  return make;
}

}  // namespace

TEST_CASE("The bus that bugs are planted in breaks no promise without them") {
  CHECK_FALSE(hunt(planted([] { return Hooks(); }), 100));
}

TEST_CASE("Every bug planted between the modules and the bus is caught") {
  for (const Bug& bug : bugs()) {
    const std::optional<Caught> caught = hunt(planted(bug.plant), 5'000);
    print_row(bug.name, caught);
    INFO(bug.name);
    CHECK(caught);
    if (!caught) continue;
    INFO(caught->violation.rule << ": " << caught->violation.what);
    CHECK(std::ranges::find(bug.caught_by, caught->violation.rule) != bug.caught_by.end());
  }
}
