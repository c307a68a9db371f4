#include "planted_bus.hpp"
#include "support/edit_record.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

// Bugs of what the log keeps, and of what is told about it.

namespace foodorder::conformance {

namespace {

/// A bug in the settings with which topics are made.
Hooks in_topic(void (*spoil)(TopicSpec&)) {
  Hooks hooks;
  hooks.ensure_topics = [spoil](std::vector<TopicSpec>& topics) -> Instead {
    std::ranges::for_each(topics, spoil);
    return {};
  };
  return hooks;
}

Hooks in_page(void (*spoil)(ReadPage&)) {
  Hooks hooks;
  hooks.page = spoil;
  return hooks;
}

Hooks never_compacted() {
  return in_topic([](TopicSpec& topic) { topic.cleanup = Cleanup::by_deletion; });
}

Hooks tombstones_go_at_once() {
  return in_topic([](TopicSpec& topic) {
    if (topic.cleanup == Cleanup::by_compaction) topic.config["delete.retention.ms"] = "0";
  });
}

Hooks tombstones_never_go() {
  return in_topic([](TopicSpec& topic) {
    if (topic.cleanup == Cleanup::by_compaction) topic.config["delete.retention.ms"] = "86400000";
  });
}

void close_gaps(std::vector<ConsumerRecord>& records) {
  for (std::size_t i = 1; i < records.size(); ++i) records[i].position.offset = records[i - 1].position.offset + 1;
}

Hooks compaction_moves_offsets() {
  Hooks hooks = in_page([](ReadPage& page) { close_gaps(page.records); });
  hooks.event = [](Result<ConsumerEvent>& event, Consumer&) {
    if (auto* batch = event ? std::get_if<Records>(&*event) : nullptr) close_gaps(batch->records);
    return true;
  };
  return hooks;
}

/// The first value of a key stands for all later ones.
Hooks compaction_keeps_the_first() {
  Hooks hooks;
  hooks.before_send = [first = std::map<std::string, std::string>()](std::vector<ProducerRecord>& records) mutable {
    for (ProducerRecord& produced : records)
      if (produced.record->key() && produced.record->value())
        test::set_value(own_record(produced),
                        first.emplace(*produced.record->key(), *produced.record->value()).first->second);
  };
  return hooks;
}

Hooks readers_see_no_tombstones() {
  Hooks hooks;
  hooks.event = [](Result<ConsumerEvent>& event, Consumer&) {
    auto* batch = event ? std::get_if<Records>(&*event) : nullptr;
    if (!batch) return true;
    std::erase_if(batch->records, [](const ConsumerRecord& read) { return !read.record->value(); });
    return !batch->records.empty();
  };
  return hooks;
}

Hooks everything_can_be_compacted() {
  Hooks hooks;
  hooks.after_compact = [](Result<Compaction>& result) { result = Compaction(); };
  return hooks;
}

Hooks compaction_says_nothing() {
  Hooks hooks;
  hooks.after_compact = [](Result<Compaction>& result) {
    if (result) result = Compaction();
  };
  return hooks;
}

Hooks no_setting_is_changed() {
  Hooks hooks;
  hooks.topic_settings = [](std::vector<TopicSetting>& settings) {
    for (TopicSetting& setting : settings) setting.changed = false;
  };
  return hooks;
}

Hooks pages_follow_each_other() {
  Hooks hooks;
  hooks.page = [last = std::int64_t{0}](ReadPage& page) mutable {
    // As a reader would do that goes on where it was, whoever asks.
    std::erase_if(page.records, [&](const ConsumerRecord& read) { return read.position.offset < last; });
    last = page.next_offset;
  };
  return hooks;
}

Hooks retention_is_ignored() {
  return in_topic([](TopicSpec& topic) {
    topic.config.erase("retention.bytes");
    topic.config.erase("retention.ms");
  });
}

Hooks retention_takes_all() {
  return in_topic([](TopicSpec& topic) {
    if (topic.cleanup == Cleanup::by_deletion) topic.config["retention.ms"] = "1";
  });
}

Hooks newest_goes_first() {
  return in_page([](ReadPage& page) {
    if (!page.records.empty()) page.records.pop_back();
  });
}

Hooks removed_is(void (*spoil)(GroupPartition&)) {
  Hooks hooks;
  hooks.groups = [spoil](std::vector<GroupDescription>& groups) {
    for (GroupDescription& group : groups) std::ranges::for_each(group.partitions, spoil);
  };
  return hooks;
}

Hooks removed_is_not_counted() {
  return removed_is([](GroupPartition& partition) { partition.removed_before_read = 0; });
}

Hooks removed_is_counted_for_all() {
  return removed_is([](GroupPartition& partition) { partition.removed_before_read += 7; });
}

Hooks start_is_always_zero() {
  return in_page([](ReadPage& page) { page.start_offset = 0; });
}

Hooks page_without_limits() {
  Hooks hooks;
  hooks.read = [](ReadLimits& limits) { limits = ReadLimits(); };
  return hooks;
}

Hooks next_page_leaves_one_out() {
  return in_page([](ReadPage& page) { ++page.next_offset; });
}

Hooks times_are_the_beginning() {
  Hooks hooks;
  hooks.resolve = [](Where& where) {
    if (where.kind == Where::Kind::time) where = Where::beginning();
  };
  return hooks;
}

Hooks topics_cannot_be_made_again() {
  Hooks hooks;
  hooks.ensure_topics = [made = std::set<std::string>()](std::vector<TopicSpec>& topics) mutable -> Instead {
    for (const TopicSpec& topic : topics)
      if (!made.insert(topic.name).second) return Result<void>(Error(Errc::topic_mismatch, "it is there already"));
    return {};
  };
  return hooks;
}

Hooks mismatch_is_ignored() {
  Hooks hooks;
  hooks.after_ensure_topics = [](Result<void>& result) {
    if (result.has_error() && result.error().code == Errc::topic_mismatch) result = Result<void>();
  };
  return hooks;
}

Hooks mismatch_says_nothing() {
  Hooks hooks;
  hooks.after_ensure_topics = [](Result<void>& result) {
    if (result.has_error()) result = Error(result.error().code, "topic mismatch");
  };
  return hooks;
}

Hooks unknown_settings_are_ignored() {
  return in_topic([](TopicSpec& topic) { topic.config.erase("retention.parsecs"); });
}

Hooks topics_come_as_they_like() {
  Hooks hooks;
  hooks.topics = [](std::vector<TopicDescription>& topics) { std::ranges::reverse(topics); };
  return hooks;
}

Hooks settings_are_not_told() {
  Hooks hooks;
  hooks.topics = [](std::vector<TopicDescription>& topics) {
    for (TopicDescription& topic : topics) topic.config.clear();
  };
  return hooks;
}

Hooks reset_at_any_time() {
  Hooks hooks;
  hooks.after_reset_offsets = [](Result<void>& result) { result = Result<void>(); };
  return hooks;
}

Hooks reset_is_forgotten() {
  Hooks hooks;
  hooks.reset_offsets = [](const std::string&) -> Instead { return Result<void>(); };
  return hooks;
}

Hooks reset_of_known_groups_only() {
  Hooks hooks;
  auto known = std::make_shared<std::set<std::string>>();
  hooks.subscribe = [known](ConsumerSpec& spec) {
    if (spec.group) known->insert(*spec.group);
  };
  hooks.reset_offsets = [known](const std::string& group) -> Instead {
    if (known->contains(group)) return {};
    return Result<void>(Error(Errc::not_found, "no such group"));
  };
  return hooks;
}

Hooks groups_are_never_forgotten() {
  Hooks hooks;
  hooks.delete_group = []() -> Instead { return Result<void>(); };
  return hooks;
}

/// A position moves in silence where there is no record.
Hooks only_records_are_told() {
  Hooks hooks;
  hooks.event = [](Result<ConsumerEvent>& event, Consumer&) {
    const auto* batch = event ? std::get_if<Records>(&*event) : nullptr;
    return !batch || !batch->records.empty();
  };
  return hooks;
}

Hooks log_id_changes() {
  Hooks hooks;
  hooks.log_id = [asked = 0](std::string& id) mutable { id += std::to_string(++asked); };
  return hooks;
}

}  // namespace

std::vector<Bug> log_bugs() {
  return {
      {"A compacted topic is kept whole",
       never_compacted,
       {"Compaction keeps the last record of each key and moves no offset", "A topic can be compacted at once",
        "Who reads over a gap goes on after it",
        "Compaction under a reader changes nothing that it has, and loses no last value",
        "Topics are described as they were asked for", "A topic with another cleanup is refused"}},
      {"Tombstones go at once", tombstones_go_at_once, {"A tombstone stays for its delay"}},
      {"Tombstones never go", tombstones_never_go, {"A tombstone is dropped after its delay"}},
      {"Compaction moves offsets",
       compaction_moves_offsets,
       {"Compaction keeps the last record of each key and moves no offset", "A topic can be compacted at once",
        "Who reads over a gap goes on after it"}},
      {"Compaction keeps the first value of a key",
       compaction_keeps_the_first,
       {"Compaction keeps the last record of each key and moves no offset",
        "Compaction under a reader changes nothing that it has, and loses no last value",
        "A late reader sees a tombstone and the last values"}},
      {"Readers see no tombstones",
       readers_see_no_tombstones,
       {"A late reader sees a tombstone and the last values", "Who reads over a gap goes on after it"}},
      {"Any topic can be compacted", everything_can_be_compacted, {"Only a compacted topic can be compacted"}},
      {"Retention is ignored",
       retention_is_ignored,
       {"Retention by bytes removes the oldest first and moves no offset",
        "Retention by time removes the old and keeps the young",
        "A page from below the start begins at the start and says so"}},
      {"Retention takes everything",
       retention_takes_all,
       {"A topic without limits keeps everything", "Retention by time removes the old and keeps the young",
        "Retention by bytes removes the oldest first and moves no offset"}},
      {"The newest record is missing",
       newest_goes_first,
       {"A range of the log is read page by page", "A topic without limits keeps everything",
        "Making a topic again does nothing"}},
      {"What retention removed is not counted",
       removed_is_not_counted,
       {"What retention removes is counted for the group that had not read it"}},
      {"What retention removed is counted for all",
       removed_is_counted_for_all,
       {"What retention removes is counted for the group that had not read it"}},
      {"A page never says where the log begins",
       start_is_always_zero,
       {"A page from below the start begins at the start and says so"}},
      {"A page has no limits",
       page_without_limits,
       {"A range of the log is read page by page", "A page keeps to its limits and ends at the end"}},
      {"A compaction says nothing", compaction_says_nothing, {"A compaction tells what it has removed"}},
      {"No setting is changed", no_setting_is_changed, {"The settings of a topic are listed, the changed ones marked"}},
      {"A page goes on where the last one ended",
       pages_follow_each_other,
       {"Pages that several read beside each other leave nothing out"}},
      {"The next page leaves a record out", next_page_leaves_one_out, {"A range of the log is read page by page"}},
      {"Every time is the beginning",
       times_are_the_beginning,
       {"A time is resolved to the first record at or after it"}},
  };
}

std::vector<Bug> topic_bugs() {
  return {
      {"A topic cannot be made again",
       topics_cannot_be_made_again,
       {"Making a topic again does nothing", "Of several topics those that are absent are made"}},
      {"A mismatch is ignored",
       mismatch_is_ignored,
       {"A topic with other partitions is refused, and the message says why",
        "A topic with another cleanup is refused"}},
      {"A refusal does not say why",
       mismatch_says_nothing,
       {"A topic with other partitions is refused, and the message says why", "An unknown topic setting is refused"}},
      {"Unknown settings are ignored", unknown_settings_are_ignored, {"An unknown topic setting is refused"}},
      {"Topics are listed in any order", topics_come_as_they_like, {"Topics are described as they were asked for"}},
      {"Settings are not told", settings_are_not_told, {"Topics are described as they were asked for"}},
      {"A reset is accepted at any time",
       reset_at_any_time,
       {"A reset is refused while the group is active, and works when it is empty",
        "A reset outside of the log is refused"}},
      {"A reset is forgotten",
       reset_is_forgotten,
       {"A reset is refused while the group is active, and works when it is empty", "A reset may make a group"}},
      {"A reset wants a group that is there", reset_of_known_groups_only, {"A reset may make a group"}},
      {"A group is never forgotten",
       groups_are_never_forgotten,
       {"An empty group can be forgotten, an active one cannot"}},
      {"A position that moves without a record is not told",
       only_records_are_told,
       {"A log whose last records were compacted away is read to its end"}},
      {"The log's id is another each time", log_id_changes, {"A log keeps its id"}},
  };
}

}  // namespace foodorder::conformance
