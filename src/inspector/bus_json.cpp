#include "bus_json.hpp"

namespace foodorder::inspector {

namespace {

std::string_view cleanup_policy(Cleanup cleanup) { return cleanup == Cleanup::by_compaction ? "compact" : "delete"; }

json::array assignment_to_json(const std::vector<TopicPartition>& partitions) {
  json::array list;
  for (const TopicPartition& tp : partitions)
    list.push_back(json::object{{"topic", tp.topic}, {"partition", tp.partition}});
  return list;
}

}  // namespace

json::object to_json(const TopicDescription& topic) {
  json::array partitions;
  std::int64_t records = 0;
  std::int64_t size = 0;
  for (const PartitionDescription& partition : topic.partitions) {
    records += partition.records;
    size += partition.size_bytes;
    partitions.push_back(json::object{{"partition", partition.partition},
                                      {"startOffset", partition.start_offset},
                                      {"endOffset", partition.end_offset},
                                      {"records", partition.records},
                                      {"sizeBytes", partition.size_bytes}});
  }
  json::object config;
  for (const auto& [name, value] : topic.config) config[name] = value;
  return {{"name", topic.name},          {"cleanupPolicy", cleanup_policy(topic.cleanup)},
          {"records", records},          {"sizeBytes", size},
          {"config", std::move(config)}, {"partitions", std::move(partitions)}};
}

json::object to_json(const GroupDescription& group) {
  json::array members;
  for (const MemberDescription& member : group.members)
    members.push_back(json::object{{"memberId", member.member_id},
                                   {"clientId", member.client_id},
                                   {"assignment", assignment_to_json(member.assignment)}});
  json::array partitions;
  std::int64_t lag = 0;
  for (const GroupPartition& partition : group.partitions) {
    lag += partition.lag;
    json::object entry{{"topic", partition.tp.topic}, {"partition", partition.tp.partition},
                       {"committedOffset", nullptr},  {"endOffset", partition.end_offset},
                       {"lag", partition.lag},        {"removedBeforeRead", partition.removed_before_read}};
    if (partition.committed) entry["committedOffset"] = *partition.committed;
    partitions.push_back(std::move(entry));
  }
  return {{"group", group.group},
          {"type", group.type},
          {"state", group.state},
          {"lag", lag},
          {"membersKnown", group.members_known},
          {"members", std::move(members)},
          {"partitions", std::move(partitions)}};
}

}  // namespace foodorder::inspector
