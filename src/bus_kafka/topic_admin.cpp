#include "topic_admin.hpp"

#include "admin_call.hpp"
#include "bus/topic_settings.hpp"
#include "log_sizes.hpp"
#include "mock_cluster.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

namespace foodorder::kafka {

namespace {

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_destroy>>;
using ConfigResource = std::unique_ptr<rd_kafka_ConfigResource_t, Destroy<rd_kafka_ConfigResource_destroy>>;
using Counts = std::map<std::string, std::int32_t>;
using Configs = std::map<std::string, std::map<std::string, std::string>>;  ///< by topic

constexpr const char* cleanup_policy = "cleanup.policy";

std::string_view to_string(Cleanup cleanup) { return cleanup == Cleanup::by_compaction ? "compact" : "delete"; }

std::vector<std::string> names_of(const std::vector<TopicSpec>& topics) {
  std::vector<std::string> names;
  for (const TopicSpec& topic : topics) names.push_back(topic.name);
  return names;
}

/// The settings of these topics, all that the broker tells.
Result<Configs> read_configs(rd_kafka_t* rk, const std::vector<std::string>& topics) {
  Configs configs;
  if (topics.empty()) return configs;
  std::vector<ConfigResource> resources;
  std::vector<rd_kafka_ConfigResource_t*> raw;
  for (const std::string& topic : topics) {
    resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    raw.push_back(resources.back().get());
  }
  const auto answer = admin_call(rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, "topic settings",
                                 [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                                   rd_kafka_DescribeConfigs(rk, raw.data(), raw.size(), options, queue);
                                 });
  if (!answer) return answer.error();
  std::size_t count = 0;
  const auto* const described =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(answer->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string topic = rd_kafka_ConfigResource_name(described[i]);
    const auto error = rd_kafka_ConfigResource_error(described[i]);
    if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) continue;  // deleted meanwhile
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(error, fmt::format("settings of {}", topic));
    std::size_t entries = 0;
    const auto* const all = rd_kafka_ConfigResource_configs(described[i], &entries);
    for (std::size_t k = 0; k < entries; ++k)
      if (const char* value = rd_kafka_ConfigEntry_value(all[k]))
        configs[topic][rd_kafka_ConfigEntry_name(all[k])] = value;
  }
  return configs;
}

/// The tools of Kafka that mend it, as they are called for this broker; `name` is "configs" or "topics".
std::string tools(rd_kafka_t* rk, std::string_view name, const std::string& arguments) {
  std::array<char, 512> servers{};
  std::size_t size = servers.size();
  rd_kafka_conf_get(rd_kafka_conf(rk), "bootstrap.servers", servers.data(), &size);
  return fmt::format("kafka-{} --bootstrap-server {} {} (with this program's broker: script/kafka console {} {})", name,
                     servers.data(), arguments, name, arguments);
}

Error wrong_partitions(rd_kafka_t* rk, const TopicSpec& wanted, std::int32_t is) {
  const std::string remedy =
      is < wanted.partitions
          ? "add partitions: " +
                tools(rk, "topics", fmt::format("--alter --topic {} --partitions {}", wanted.name, wanted.partitions))
          : "partitions cannot be taken away: delete the topic and what is in it, then start foodorder again, which "
            "makes "
            "it: " +
                tools(rk, "topics", fmt::format("--delete --topic {}", wanted.name));
  return Error(Errc::topic_mismatch, fmt::format("topic {} has {} partitions and should have {}; {}", wanted.name, is,
                                                 wanted.partitions, remedy));
}

Error wrong_cleanup(rd_kafka_t* rk, const TopicSpec& wanted, const std::string& is) {
  const std::string_view should = to_string(wanted.cleanup);
  return Error(
      Errc::topic_mismatch,
      fmt::format("topic {} has {} {} and should have {}; change it: {}", wanted.name, cleanup_policy, is, should,
                  tools(rk, "configs",
                        fmt::format("--alter --entity-type topics --entity-name {} --add-config {}={}", wanted.name,
                                    cleanup_policy, should))));
}

/// That those which are there are as asked for.
Result<void> check_existing(rd_kafka_t* rk, bool with_settings, const std::vector<TopicSpec>& topics,
                            const Counts& there) {
  std::vector<std::string> existing;
  for (const TopicSpec& topic : topics) {
    const auto found = there.find(topic.name);
    if (found == there.end()) continue;
    existing.push_back(topic.name);
    if (found->second != topic.partitions) return wrong_partitions(rk, topic, found->second);
  }
  if (!with_settings) return {};
  auto configs = read_configs(rk, existing);
  if (!configs) return configs.error();
  for (const TopicSpec& topic : topics) {
    const auto found = configs->find(topic.name);
    if (found == configs->end()) continue;
    const std::string& cleanup = found->second[cleanup_policy];
    if (cleanup != to_string(topic.cleanup)) return wrong_cleanup(rk, topic, cleanup);
  }
  return {};
}

NewTopic to_new_topic(const TopicSpec& topic) {
  std::array<char, 256> why{};
  // -1 copies: the broker's default.
  NewTopic made(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, -1, why.data(), why.size()));
  if (!made) return made;
  rd_kafka_NewTopic_set_config(made.get(), cleanup_policy, std::string(to_string(topic.cleanup)).c_str());
  for (const auto& [name, value] : topic.config) rd_kafka_NewTopic_set_config(made.get(), name.c_str(), value.c_str());
  return made;
}

Result<void> create(rd_kafka_t* rk, const std::vector<TopicSpec>& topics) {
  std::vector<NewTopic> made;
  std::vector<rd_kafka_NewTopic_t*> raw;
  for (const TopicSpec& topic : topics) {
    made.push_back(to_new_topic(topic));
    if (!made.back()) return Error(Errc::invalid_argument, fmt::format("topic {} cannot be made", topic.name));
    raw.push_back(made.back().get());
  }
  const auto answer = admin_call(rk, RD_KAFKA_ADMIN_OP_CREATETOPICS, "creating topics",
                                 [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                                   rd_kafka_CreateTopics(rk, raw.data(), raw.size(), options, queue);
                                 });
  if (!answer) return answer.error();
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_topic_result_error(results[i]);
    // Another process was quicker: whether as we want it, the next look says.
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    return error_of(error, fmt::format("topic {}", rd_kafka_topic_result_name(results[i])),
                    rd_kafka_topic_result_error_string(results[i]));
  }
  return {};
}

Result<void> create_absent(rd_kafka_t* rk, MockCluster* mock, const std::vector<TopicSpec>& absent) {
  if (absent.empty()) return {};
  if (!mock) return create(rk, absent);
  for (const TopicSpec& topic : absent) {
    const auto made = mock->create(topic);
    if (!made) return made.error();
  }
  return {};
}

/// A new topic reaches all brokers after a moment, and its partitions work another moment later. Records sent in
/// between may be lost: a broker that does not know the producer yet takes its second batch for its first.
Result<Counts> wait_for(rd_kafka_t* rk, const std::vector<std::string>& topics) {
  auto counts = partition_counts(rk, topics);
  for (int left = 100; counts && counts->size() < topics.size(); --left) {
    if (left == 0) {
      const auto missing = std::ranges::find_if(topics, [&](const auto& name) { return !counts->contains(name); });
      return Error(Errc::unavailable, fmt::format("topic {} is not there: is it being deleted?", *missing));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    counts = partition_counts(rk, topics);
  }
  if (!counts) return counts;
  const auto working = ranges(rk, partitions_of(*counts));
  if (!working) return working.error();
  return counts;
}

}  // namespace

Result<void> ensure_topics(rd_kafka_t* rk, MockCluster* mock, const std::vector<TopicSpec>& topics) {
  const std::vector<std::string> names = names_of(topics);
  if (names.empty()) return {};
  auto there = partition_counts(rk, names);
  if (!there) return there.error();
  // Nothing is made if something is not as asked for.
  const auto as_asked = check_existing(rk, !mock, topics, *there);
  if (!as_asked) return as_asked.error();
  std::vector<TopicSpec> absent;
  for (const TopicSpec& topic : topics)
    if (!there->contains(topic.name)) absent.push_back(topic);
  if (absent.empty()) return {};
  const auto created = create_absent(rk, mock, absent);
  if (!created) return created.error();
  there = wait_for(rk, names);
  if (!there) return there.error();
  return check_existing(rk, !mock, topics, *there);
}

Result<void> check_topics(rd_kafka_t* rk, bool with_settings, const std::vector<TopicSpec>& topics,
                          const std::map<std::string, std::int32_t>& partitions) {
  for (const TopicSpec& topic : topics)
    if (!partitions.contains(topic.name))
      return Error(Errc::not_found,
                   fmt::format("topic {} is not there any more; start foodorder again, which makes it, "
                               "or make it with {} partitions (kafka-topics --create)",
                               topic.name, topic.partitions));
  return check_existing(rk, with_settings, topics, partitions);
}

Result<std::vector<TopicDescription>> describe_topics(rd_kafka_t* rk, Details details) {
  const auto counts = partition_counts(rk, {});
  if (!counts) return counts.error();
  std::vector<std::string> names;
  for (const auto& [name, count] : *counts) names.push_back(name);
  const auto logs = ranges(rk, partitions_of(*counts));
  if (!logs) return logs.error();
  auto configs = details.settings ? read_configs(rk, names) : Result<Configs>(Configs());
  if (!configs) return configs.error();
  const auto sizes = details.sizes ? log_sizes(rk) : std::map<TopicPartition, std::int64_t>();
  std::vector<TopicDescription> all;
  for (const auto& [name, count] : *counts) {
    TopicDescription& topic = all.emplace_back();
    topic.name = name;
    auto& config = (*configs)[name];
    if (config[cleanup_policy] == to_string(Cleanup::by_compaction)) topic.cleanup = Cleanup::by_compaction;
    for (const std::string_view setting : topic_setting_names())
      if (const auto found = config.find(std::string(setting)); found != config.end()) topic.config.insert(*found);
    for (std::int32_t i = 0; i < count; ++i) {
      PartitionDescription& partition = topic.partitions.emplace_back();
      const Range range = logs->at(TopicPartition(name, i));
      partition.partition = i;
      partition.start_offset = range.start;
      partition.end_offset = range.end;
      partition.records = range.end - range.start;
      if (const auto size = sizes.find(TopicPartition(name, i)); size != sizes.end())
        partition.size_bytes = size->second;
    }
  }
  return all;
}

}  // namespace foodorder::kafka
