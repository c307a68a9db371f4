#include "planted_bus.hpp"
#include "support/edit_record.hpp"

#include "bus/partitioner.hpp"

#include <algorithm>
#include <map>

namespace foodorder::conformance {

namespace {

/// A bug in each record that is sent.
Hooks in_record(void (*spoil)(ProducerRecord&)) {
  Hooks hooks;
  hooks.before_send = [spoil](std::vector<ProducerRecord>& records) { std::ranges::for_each(records, spoil); };
  return hooks;
}

Hooks in_results(void (*spoil)(std::vector<Result<Position>>&)) {
  Hooks hooks;
  hooks.after_send = spoil;
  return hooks;
}

Hooks records_change_places() {
  Hooks hooks;
  hooks.before_send = [](std::vector<ProducerRecord>& records) {
    if (records.size() < 2) return;
    const std::shared_ptr<const Record> first = records[0].record;
    test::set_value(own_record(records[0]), records[1].record->value());
    test::set_value(own_record(records[1]), first->value());
  };
  return hooks;
}

Hooks key_is_ignored() {
  Hooks hooks;
  hooks.before_send = [](std::vector<ProducerRecord>& records) {
    for (ProducerRecord& produced : records)
      if (!produced.partition) test::set_key(own_record(produced), {});
  };
  return hooks;
}

Hooks another_hash() {
  Hooks hooks;
  auto partitions = std::make_shared<std::map<std::string, std::int32_t>>();
  hooks.ensure_topics = [partitions](std::vector<TopicSpec>& topics) -> Instead {
    for (const TopicSpec& topic : topics) (*partitions)[topic.name] = topic.partitions;
    return {};
  };
  hooks.before_send = [partitions](std::vector<ProducerRecord>& records) {
    for (ProducerRecord& produced : records) {
      const std::int32_t count = (*partitions)[produced.topic];
      if (!produced.partition && produced.record->key() && count > 0)
        produced.partition = (partition_for_key(*produced.record->key(), count) + 1) % count;
    }
  };
  return hooks;
}

Hooks named_partition_is_ignored() {
  return in_record([](ProducerRecord& produced) { produced.partition.reset(); });
}

Hooks keyless_go_to_the_first() {
  return in_record([](ProducerRecord& produced) {
    if (!produced.record->key() && !produced.partition) produced.partition = 0;
  });
}

Hooks written_twice() {
  Hooks hooks;
  hooks.before_send = [](std::vector<ProducerRecord>& records) {
    std::vector<ProducerRecord> doubled;
    for (const ProducerRecord& record : records) doubled.insert(doubled.end(), 2, record);
    records = std::move(doubled);
  };
  hooks.after_send = [](std::vector<Result<Position>>& results) {
    std::vector<Result<Position>> first;
    for (std::size_t i = 0; i < results.size(); i += 2) first.push_back(results[i]);
    results = std::move(first);
  };
  return hooks;
}

Hooks acknowledged_elsewhere() {
  return in_results([](std::vector<Result<Position>>& results) {
    for (auto& result : results)
      if (result) ++result->offset;
  });
}

Hooks repeated_header_is_dropped() {
  return in_record([](ProducerRecord& produced) {
    Headers once;
    for (const Header& header : produced.record->headers)
      if (std::ranges::find(once, header.name, &Header::name) == once.end()) once.add(header);
    own_record(produced).headers = std::move(once);
  });
}

Hooks headers_are_sorted() {
  return in_record([](ProducerRecord& produced) {
    std::vector<Header> sorted(produced.record->headers.begin(), produced.record->headers.end());
    std::ranges::stable_sort(sorted, {}, &Header::name);
    Headers headers;
    for (const Header& header : sorted) headers.add(header);
    own_record(produced).headers = std::move(headers);
  });
}

Hooks headers_are_text() {
  return in_record([](ProducerRecord& produced) {
    Headers cut;
    for (const Header& header : produced.record->headers) {
      const HeaderText whole = header.value.value_or("");
      const std::string_view value = whole;
      cut.add(header.name, header.value ? std::optional(value.substr(0, value.find('\0'))) : std::nullopt);
    }
    own_record(produced).headers = std::move(cut);
  });
}

Hooks null_header_becomes_empty() {
  return in_record([](ProducerRecord& produced) {
    Headers filled;
    for (const Header& header : produced.record->headers) filled.add(header.name, header.value.value_or(""));
    own_record(produced).headers = std::move(filled);
  });
}

Hooks null_value_becomes_empty() {
  return in_record([](ProducerRecord& produced) {
    if (!produced.record->value()) test::set_value(own_record(produced), "");
  });
}

Hooks empty_value_becomes_null() {
  return in_record([](ProducerRecord& produced) {
    if (produced.record->value() == "") test::set_value(own_record(produced), {});
  });
}

Hooks null_key_becomes_empty() {
  return in_record([](ProducerRecord& produced) {
    if (!produced.record->key()) test::set_key(own_record(produced), "");
  });
}

Hooks bytes_become_text() {
  return in_record([](ProducerRecord& produced) {
    if (!produced.record->value()) return;
    std::string text(*produced.record->value());
    std::ranges::replace_if(text, [](char byte) { return (byte & 0x80) != 0; }, '?');
    test::set_value(own_record(produced), text);
  });
}

Hooks given_time_is_ignored() {
  return in_record([](ProducerRecord& produced) { own_record(produced).timestamp = Timestamp(); });
}

Hooks one_fails_all() {
  return in_results([](std::vector<Result<Position>>& results) {
    const auto failed = std::ranges::find_if(results, [](const auto& result) { return result.has_error(); });
    if (failed == results.end()) return;
    const Error error = failed->error();
    for (auto& result : results) result = error;
  });
}

Hooks no_limit_in_flight() {
  Hooks hooks;
  hooks.producer = [](ProducerSpec& spec) { spec.in_flight_max_records = 1'000'000; };
  return hooks;
}

Hooks refused_is_written() {
  Hooks hooks = no_limit_in_flight();
  hooks.after_send = [](std::vector<Result<Position>>& results) {
    for (std::size_t i = 5; i < results.size() && results.size() == 20; ++i)
      results[i] = Error(Errc::queue_full, "the queue is full");
  };
  return hooks;
}

Hooks too_large_is_cut() {
  return in_record([](ProducerRecord& produced) {
    const std::string value(produced.record->value().value_or(""));
    if (value.size() > 1500) test::set_value(own_record(produced), std::string_view(value).substr(0, 1500));
  });
}

Hooks unknown_is_swallowed() {
  return in_results([](std::vector<Result<Position>>& results) {
    for (auto& result : results)
      if (result.has_error() && result.error().code == Errc::not_found) result = Position();
  });
}

Hooks close_is_ignored() {
  Hooks hooks;
  hooks.producer_ignores_close = true;
  return hooks;
}

}  // namespace

std::vector<Bug> producing_bugs() {
  return {
      {"Two records of a batch change places",
       records_change_places,
       {"Records of a key keep their order while many producers write",
        "A producer's records to a partition lie in the order of their sends"}},
      {"The key has no say in the partition",
       key_is_ignored,
       {"Records with the same key go to the same partition",
        "The partition of a key is the one that Kafka's Java client chooses"}},
      {"Keys are partitioned by another hash",
       another_hash,
       {"The partition of a key is the one that Kafka's Java client chooses"}},
      {"The partition that the producer names is ignored",
       named_partition_is_ignored,
       {"A partition that the producer names wins over the key"}},
      {"Records without a key all go to the first partition",
       keyless_go_to_the_first,
       {"Records without a key are spread over the partitions"}},
      {"A record is written twice, as by a retry without idempotence",
       written_twice,
       {"Offsets of a partition count up from 0 without a gap", "A group that commits is given each record once"}},
      {"The acknowledgement names the offset after the record's",
       acknowledged_elsewhere,
       {"A record is read where its acknowledgement says it was written",
        "Offsets of a partition count up from 0 without a gap"}},
  };
}

std::vector<Bug> record_bugs() {
  return {
      {"Of headers with the same name only one is kept",
       repeated_header_is_dropped,
       {"Headers keep their order, their duplicates and their bytes"}},
      {"Headers are sorted by name",
       headers_are_sorted,
       {"Headers keep their order, their duplicates and their bytes"}},
      {"Header values end at their first zero byte",
       headers_are_text,
       {"Headers keep their order, their duplicates and their bytes"}},
      {"A header without a value gets an empty one",
       null_header_becomes_empty,
       {"A header without a value is not one with an empty value"}},
      {"A tombstone gets an empty value",
       null_value_becomes_empty,
       {"No value and an empty value are two things", "A late reader sees a tombstone and the last values"}},
      {"An empty value becomes a tombstone", empty_value_becomes_null, {"No value and an empty value are two things"}},
      {"A record without a key gets an empty one",
       null_key_becomes_empty,
       {"No key and an empty key are two things", "A compacted topic takes no record without a key"}},
      {"Values are taken for ASCII", bytes_become_text, {"Keys and values are bytes, whatever their value"}},
      {"The time that a record was given is ignored",
       given_time_is_ignored,
       {"A record keeps the time that it was given, or gets that of its sending",
        "A seek to a time reads from the first record at or after it"}},
      {"One record that fails takes its batch with it",
       one_fails_all,
       {"In a batch each record is acknowledged or refused by itself"}},
      {"A producer takes everything",
       no_limit_in_flight,
       {"A producer over its limit refuses, and what it refused never appears"}},
      {"What a producer refuses is written all the same",
       refused_is_written,
       {"A producer over its limit refuses, and what it refused never appears"}},
      {"What is too large is cut off",
       too_large_is_cut,
       {"A record over the default limit is refused and leaves no trace",
        "A record over its topic's limit is refused and leaves no trace"}},
      {"A record for nowhere is acknowledged",
       unknown_is_swallowed,
       {"A topic or partition that is not there takes no records",
        "In a batch each record is acknowledged or refused by itself"}},
      {"Closing a producer does nothing",
       close_is_ignored,
       {"A closed producer refuses everything, and may be closed again",
        "Closing a producer waits for what is in flight"}},
  };
}

}  // namespace foodorder::conformance
