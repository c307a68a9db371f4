#include "planted_bus.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace foodorder::conformance {

namespace {

/// A bug in each batch that a consumer is given.
Hooks in_batch(std::function<void(std::vector<ConsumerRecord>&)> spoil_batch) {
  Hooks hooks;
  hooks.event = [spoil_batch](Result<ConsumerEvent>& event, Consumer&) {
    auto* batch = event ? std::get_if<Records>(&*event) : nullptr;
    if (!batch) return true;
    spoil_batch(batch->records);
    return !batch->records.empty();
  };
  return hooks;
}

Hooks in_spec(void (*spoil)(ConsumerSpec&)) {
  Hooks hooks;
  hooks.subscribe = spoil;
  return hooks;
}

Hooks delivered_twice() {
  return in_batch([](auto& records) { records.insert(records.begin(), records.front()); });
}

Hooks last_of_a_batch_is_lost() {
  return in_batch([](auto& records) { records.pop_back(); });
}

Hooks batch_is_reversed() {
  return in_batch([](auto& records) { std::ranges::reverse(records); });
}

Hooks assignment_is_not_told() {
  Hooks hooks;
  hooks.event = [](Result<ConsumerEvent>& event, Consumer&) { return !event || !std::get_if<Assigned>(&*event); };
  return hooks;
}

Hooks assignment_stands_still() {
  Hooks hooks;
  hooks.assignment = [](std::vector<Position>& positions) {
    for (Position& position : positions) position.offset = 0;
  };
  return hooks;
}

Hooks batches_without_limit() {
  return in_spec([](ConsumerSpec& spec) { spec.poll_max_records = 100'000; });
}

Hooks all_topics_are_read() {
  Hooks hooks;
  auto made = std::make_shared<std::vector<std::string>>();
  hooks.ensure_topics = [made](std::vector<TopicSpec>& topics) -> Instead {
    for (const TopicSpec& topic : topics) made->push_back(topic.name);
    return {};
  };
  hooks.subscribe = [made](ConsumerSpec& spec) { spec.topics = *made; };
  return hooks;
}

Hooks only_the_first_topic() {
  return in_spec([](ConsumerSpec& spec) { spec.topics.resize(1); });
}

Hooks readers_are_a_group() {
  return in_spec([](ConsumerSpec& spec) {
    if (!spec.group) spec.group = "readers";
  });
}

/// The consumer asks `wants` about tombstones, too, with an empty value.
Hooks tombstones_are_not_wanted() {
  auto wants = std::make_shared<ConsumerSpec::Wants>();
  Hooks hooks = in_batch([wants](auto& records) {
    if (!*wants) return;
    std::erase_if(records, [&](const ConsumerRecord& read) {
      return !(*wants)(read.position.tp.topic, read.record->value().value_or(""));
    });
  });
  hooks.subscribe = [wants](ConsumerSpec& spec) { *wants = spec.wants; };
  return hooks;
}

Hooks start_is_ignored() {
  return in_spec([](ConsumerSpec& spec) { spec.start.clear(); });
}

Hooks always_earliest() {
  return in_spec([](ConsumerSpec& spec) { spec.offset_reset = ConsumerSpec::OffsetReset::earliest; });
}

Hooks always_latest() {
  return in_spec([](ConsumerSpec& spec) { spec.offset_reset = ConsumerSpec::OffsetReset::latest; });
}

/// A single record waits until the next one comes.
Hooks wake_up_is_lost() {
  return in_batch([waits = std::make_shared<std::vector<ConsumerRecord>>()](auto& records) {
    if (records.size() == 1 && waits->empty()) {
      waits->swap(records);
    } else {
      records.insert(records.begin(), waits->begin(), waits->end());
      waits->clear();
    }
  });
}

Hooks close_is_ignored() {
  Hooks hooks;
  hooks.consumer_ignores_close = true;
  return hooks;
}

Hooks closed_is_unavailable() {
  Hooks hooks;
  hooks.event = [](Result<ConsumerEvent>& event, Consumer&) {
    if (!event) event = Error(Errc::unavailable, "the consumer has gone");
    return true;
  };
  return hooks;
}

/// While one consumer works on a batch no other is given one: what comes for it is lost.
Hooks slow_holds_up_all() {
  Hooks hooks;
  auto busy = std::make_shared<std::set<const Consumer*>>();
  hooks.before_next = [busy](const Consumer& consumer) { busy->erase(&consumer); };
  hooks.event = [busy](Result<ConsumerEvent>& event, Consumer& consumer) {
    if (!event || !std::get_if<Records>(&*event)) return true;
    if (!busy->empty() && !busy->contains(&consumer)) return false;
    busy->insert(&consumer);
    return true;
  };
  return hooks;
}

Hooks pause_is_ignored() {
  Hooks hooks;
  hooks.pause = [](const std::vector<TopicPartition>&) { return false; };
  return hooks;
}

Hooks resume_is_ignored() {
  Hooks hooks;
  hooks.resume = [](const std::vector<TopicPartition>&) { return false; };
  return hooks;
}

Hooks pause_stops_commits() {
  Hooks hooks;
  auto paused = std::make_shared<bool>(false);
  hooks.pause = [paused](const std::vector<TopicPartition>&) { return *paused = true; };
  hooks.commit = [paused](std::vector<Position>&, Consumer&) -> Instead {
    if (!*paused) return {};
    return Result<void>(Error(Errc::fenced, "it is paused"));
  };
  return hooks;
}

Hooks pause_outlives_the_assignment() {
  Hooks hooks;
  auto paused = std::make_shared<std::vector<TopicPartition>>();
  hooks.pause = [paused](const std::vector<TopicPartition>& partitions) {
    *paused = partitions;
    return true;
  };
  hooks.event = [paused](Result<ConsumerEvent>& event, Consumer& consumer) {
    if (event && std::get_if<Assigned>(&*event)) consumer.pause(*paused);
    return true;
  };
  return hooks;
}

/// pause() drops the record that would have come next.
Hooks pause_loses_its_place() {
  Hooks hooks;
  auto skip = std::make_shared<bool>(false);
  hooks.pause = [skip](const std::vector<TopicPartition>&) { return *skip = true; };
  Hooks batch = in_batch([skip](auto& records) {
    if (std::exchange(*skip, false)) records.erase(records.begin());
  });
  hooks.event = batch.event;
  return hooks;
}

Hooks seek_by(void (*spoil)(Where&)) {
  Hooks hooks;
  hooks.seek = [spoil](TopicPartition&, Where& where) -> Instead {
    spoil(where);
    return {};
  };
  hooks.resolve = spoil;
  return hooks;
}

Hooks seek_is_one_off() {
  return seek_by([](Where& where) {
    if (where.kind == Where::Kind::offset) ++where.value;
  });
}

Hooks beginning_is_offset_one() {
  return seek_by([](Where& where) {
    if (where.kind == Where::Kind::beginning) where = Where::at_offset(1);
  });
}

Hooks end_is_the_beginning() {
  return seek_by([](Where& where) {
    if (where.kind == Where::Kind::end) where = Where::beginning();
  });
}

Hooks time_is_exclusive() {
  return seek_by([](Where& where) {
    if (where.kind == Where::Kind::time) ++where.value;
  });
}

Hooks seek_never_fails() {
  Hooks hooks;
  hooks.after_seek = [](Result<void>& result) { result = Result<void>(); };
  return hooks;
}

}  // namespace

std::vector<Bug> consuming_bugs() {
  return {
      {"A record is delivered twice", delivered_twice, {"A group that commits is given each record once"}},
      {"The last record of a batch is lost",
       last_of_a_batch_is_lost,
       {"A group that commits is given each record once",
        "A reader without a group sees every record of every partition",
        "Nothing is lost while members join, leave and crash"}},
      {"A batch comes in reverse",
       batch_is_reversed,
       {"Within a partition records come in the order of their offsets, across batches"}},
      {"A member is not told what it owns",
       assignment_is_not_told,
       {"A member first learns what it owns and from where, then gets records"}},
      {"The assignment does not move on with what was delivered",
       assignment_stands_still,
       {"A member first learns what it owns and from where, then gets records",
        "Pausing in the middle keeps the place"}},
      {"poll_max_records is ignored", batches_without_limit, {"No batch holds more records than poll_max_records"}},
      {"A consumer reads all topics that there are",
       all_topics_are_read,
       {"A consumer gets no record of a topic that it did not ask for"}},
      {"A consumer reads only the first of its topics",
       only_the_first_topic,
       {"A consumer of several topics gets the records of all"}},
      {"Readers without a group share one",
       readers_are_a_group,
       {"A reader without a group sees every record of every partition", "A reader without a group commits nothing",
        "A reader is no member of any group"}},
      {"A reader's start is ignored",
       start_is_ignored,
       {"A reader begins at the offsets that it asks for, partition by partition"}},
      {"Latest begins at the beginning", always_earliest, {"Latest misses what was there before"}},
      {"Earliest begins at the end",
       always_latest,
       {"Earliest sees what was there before", "A group whose offset was removed reads on at the oldest that is left"}},
      {"The wake-up of a single record is lost",
       wake_up_is_lost,
       {"A consumer that waits is woken by a single record"}},
      {"Closing a consumer does nothing",
       close_is_ignored,
       {"Closing a consumer wakes its waiting next() with closed",
        "Closing a consumer again does nothing, and it stays closed", "Members may close while others join and leave",
        "A member that leaves hands over at once"}},
      {"A closed consumer says that the bus is unavailable",
       closed_is_unavailable,
       {"Closing a consumer wakes its waiting next() with closed",
        "Closing a consumer again does nothing, and it stays closed", "Members may close while others join and leave"}},
      {"A slow consumer holds up all others",
       slow_holds_up_all,
       {"A slow member of one group holds up no other group"}},
      {"A tombstone is left out as if its value were not wanted",
       tombstones_are_not_wanted,
       {"What a reader does not want may be left out, and keeps it from nothing"}},
  };
}

std::vector<Bug> position_bugs() {
  return {
      {"pause() does nothing",
       pause_is_ignored,
       {"A paused partition waits, others go on, and resuming loses nothing"}},
      {"resume() does nothing",
       resume_is_ignored,
       {"A paused partition waits, others go on, and resuming loses nothing", "Pausing in the middle keeps the place"}},
      {"Pausing gives the partition up", pause_stops_commits, {"A member stays a member while it is paused"}},
      {"A partition that comes back is still paused", pause_outlives_the_assignment, {"An assignment starts unpaused"}},
      {"Pausing loses a record",
       pause_loses_its_place,
       {"Pausing in the middle keeps the place", "Pausing before the first record keeps the place",
        "Who falls far behind the others reads all of it, and catches up with them"}},
      {"An offset is taken for the one after it",
       seek_is_one_off,
       {"A seek to an offset reads on from there", "Beginning, end and offset are resolved for each partition"}},
      {"The beginning is taken for offset 1",
       beginning_is_offset_one,
       {"A seek to the beginning reads everything again"}},
      {"The end is taken for the beginning",
       end_is_the_beginning,
       {"A seek to the end leaves out what is in between",
        "Beginning, end and offset are resolved for each partition"}},
      {"A time finds the first record after it, not at it",
       time_is_exclusive,
       {"A seek to a time reads from the first record at or after it",
        "A time is resolved to the first record at or after it"}},
      {"A seek never fails", seek_never_fails, {"A seek is refused on what is not owned and beyond the end"}},
  };
}

}  // namespace foodorder::conformance
