#include "group_admin.hpp"

#include "admin_call.hpp"
#include "group_list.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace foodorder::kafka {

namespace {

constexpr const char* dead = "Dead";

using Groups = std::vector<GroupDescription>;
using OffsetsQuestion =
    std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t, Destroy<rd_kafka_ListConsumerGroupOffsets_destroy>>;
using NewOffsets =
    std::unique_ptr<rd_kafka_AlterConsumerGroupOffsets_t, Destroy<rd_kafka_AlterConsumerGroupOffsets_destroy>>;
using DeleteGroup = std::unique_ptr<rd_kafka_DeleteGroup_t, Destroy<rd_kafka_DeleteGroup_destroy>>;

MemberDescription to_member(const rd_kafka_MemberDescription_t& member) {
  MemberDescription shown;
  shown.member_id = rd_kafka_MemberDescription_consumer_id(&member);
  shown.client_id = rd_kafka_MemberDescription_client_id(&member);
  shown.assignment =
      to_partitions(rd_kafka_MemberAssignment_partitions(rd_kafka_MemberDescription_assignment(&member)));
  return shown;
}

/// Of a share group, or one of Kafka Connect: only that it is there.
GroupDescription of_another_type(const ListedGroup& listed) {
  GroupDescription group;
  group.group = listed.name;
  group.type = listed.type;
  group.state = listed.state;
  group.members_known = false;
  return group;
}

/// States and members.
Result<Groups> describe(rd_kafka_t* rk, const std::vector<std::string>& names) {
  Groups groups;
  if (names.empty()) return groups;
  std::vector<const char*> raw;
  for (const std::string& name : names) raw.push_back(name.c_str());
  const auto answer = admin_call(rk, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, "groups",
                                 [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                                   rd_kafka_DescribeConsumerGroups(rk, raw.data(), raw.size(), options, queue);
                                 });
  if (!answer) return answer.error();
  std::size_t count = 0;
  const auto* const described = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(answer->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    GroupDescription& group = groups.emplace_back();
    group.group = rd_kafka_ConsumerGroupDescription_group_id(described[i]);
    const rd_kafka_error_t* error = rd_kafka_ConsumerGroupDescription_error(described[i]);
    if (error && errc_of(rd_kafka_error_code(error)) == Errc::not_found) {
      group.state = dead;  // as brokers before 4.0 say it
      continue;
    }
    if (error)
      return error_of(rd_kafka_error_code(error), fmt::format("group {}", group.group), rd_kafka_error_string(error));
    group.state = rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(described[i]));
    for (std::size_t k = 0; k < rd_kafka_ConsumerGroupDescription_member_count(described[i]); ++k)
      group.members.push_back(to_member(*rd_kafka_ConsumerGroupDescription_member(described[i], k)));
  }
  return groups;
}

Error active(const std::string& group) { return Error(Errc::group_active, fmt::format("group {} has members", group)); }

/// Kafka calls a group that it does not know dead.
bool is_unknown(const GroupDescription& group) { return group.state == dead; }

/// A group that is listed and not described has members of the new protocol (KIP-848), or was forgotten in between:
/// what the list says of it is all that can be known, and its offsets.
void take_from_list(GroupDescription& group, const std::vector<ListedGroup>& listed) {
  if (!is_unknown(group)) return;
  const auto found = std::ranges::find(listed, group.group, &ListedGroup::name);
  if (found == listed.end() || found->state == dead) return;
  group.state = found->state;
  group.members_known = false;
}

bool has_members(const GroupDescription& group) {
  return !group.members.empty() || (!group.members_known && group.state != "Empty");
}

Result<GroupDescription> describe_one(rd_kafka_t* rk, const std::string& group) {
  auto described = describe(rk, {group});
  if (!described) return described.error();
  GroupDescription& one = described->front();
  if (!is_unknown(one)) return std::move(one);
  const auto listed = list_groups(rk);
  if (!listed) return listed.error();
  take_from_list(one, *listed);
  return std::move(one);
}

Result<void> check_offsets(rd_kafka_t* rk, const std::vector<Position>& next_offsets) {
  std::vector<TopicPartition> partitions;
  for (const Position& next : next_offsets) partitions.push_back(next.tp);
  const auto there = check_partitions(rk, partitions);
  if (!there) return there.error();
  const auto logs = ranges(rk, partitions);
  if (!logs) return logs.error();
  for (const Position& next : next_offsets) {
    const Range range = logs->at(next.tp);
    if (next.offset < range.start || next.offset > range.end)
      return Error(Errc::out_of_range, fmt::format("{}-{} has offsets {} to {}, not {}", next.tp.topic,
                                                   next.tp.partition, range.start, range.end, next.offset));
  }
  return {};
}

}  // namespace

/// librdkafka takes one group a call: all are asked at once.
Result<std::vector<GroupOffsets>> committed_offsets(rd_kafka_t* rk, const std::vector<std::string>& groups) {
  const AdminOptions options = make_admin_options(rk, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
  const Queue answers(rd_kafka_queue_new(rk));
  for (const std::string& group : groups) {
    const OffsetsQuestion asked(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr));
    rd_kafka_ListConsumerGroupOffsets_t* raw = asked.get();
    rd_kafka_ListConsumerGroupOffsets(rk, &raw, 1, options.get(), answers.get());
  }
  std::vector<GroupOffsets> all(groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Event answer(rd_kafka_queue_poll(answers.get(), call_timeout_ms + 500));
    const auto error = answer ? rd_kafka_event_error(answer.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(error, "committed offsets");
    std::size_t count = 0;
    const auto* const results = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(answer.get()), &count);
    for (std::size_t k = 0; k < count; ++k) {
      if (rd_kafka_group_result_error(results[k])) continue;  // forgotten meanwhile
      const auto found = std::ranges::find(groups, rd_kafka_group_result_name(results[k]));
      if (found == groups.end()) continue;
      for (const auto& element : Elements(rd_kafka_group_result_partitions(results[k])))
        if (element.offset >= 0)
          all[static_cast<std::size_t>(found - groups.begin())][to_partition(element)] = element.offset;
    }
  }
  return all;
}

Result<std::vector<GroupDescription>> describe_groups(rd_kafka_t* rk) {
  const auto listed = list_groups(rk);
  if (!listed) return listed.error();
  std::vector<std::string> names;
  for (const ListedGroup& group : *listed)
    if (group.type == consumer_groups) names.push_back(group.name);
  auto groups = describe(rk, names);
  if (!groups) return groups.error();
  for (GroupDescription& group : *groups) take_from_list(group, *listed);
  std::erase_if(*groups, is_unknown);  // forgotten between the two requests
  for (const ListedGroup& group : *listed)
    if (group.type != consumer_groups) groups->push_back(of_another_type(group));
  std::ranges::sort(*groups, {}, &GroupDescription::group);
  names.clear();
  for (const GroupDescription& group : *groups) names.push_back(group.group);
  const auto committed = committed_offsets(rk, names);
  if (!committed) return committed.error();

  // What is committed and what is assigned, as far as the topic is there.
  std::set<TopicPartition> named;
  for (std::size_t i = 0; i < groups->size(); ++i) {
    for (const auto& [tp, offset] : (*committed)[i]) named.insert(tp);
    for (const MemberDescription& member : (*groups)[i].members)
      named.insert(member.assignment.begin(), member.assignment.end());
  }
  const auto counts = partition_counts(rk, {});
  if (!counts) return counts.error();
  std::erase_if(named, [&](const TopicPartition& tp) {
    const auto found = counts->find(tp.topic);
    return found == counts->end() || tp.partition >= found->second;
  });
  const auto logs = ranges(rk, std::vector<TopicPartition>(named.begin(), named.end()));
  if (!logs) return logs.error();

  for (std::size_t i = 0; i < groups->size(); ++i) {
    GroupDescription& group = (*groups)[i];
    std::map<TopicPartition, std::optional<std::int64_t>> partitions;
    for (const MemberDescription& member : group.members)
      for (const TopicPartition& tp : member.assignment) partitions[tp];
    for (const auto& [tp, offset] : (*committed)[i]) partitions[tp] = offset;
    for (const auto& [tp, offset] : partitions) {
      const auto log = logs->find(tp);
      if (log == logs->end()) continue;
      GroupPartition& shown = group.partitions.emplace_back();
      shown.tp = tp;
      shown.committed = offset;
      shown.end_offset = log->second.end;
      shown.lag = std::max<std::int64_t>(0, log->second.end - offset.value_or(log->second.start));
    }
  }
  return groups;
}

namespace {

Error not_set(rd_kafka_resp_err_t error, const std::string& group) {
  const char* text = nullptr;
  if (error == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
    text = "the broker denies it: this user needs the permission READ on the group";
  if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    text = "the broker denies it: this user needs the permission READ on the topic";
  return error_of(error, fmt::format("group {}", group), text);
}

}  // namespace

Result<void> reset_offsets(rd_kafka_t* rk, const std::string& group, const std::vector<Position>& next_offsets) {
  const auto there = describe_one(rk, group);
  if (!there) return there.error();
  if (has_members(*there)) return active(group);
  const auto possible = check_offsets(rk, next_offsets);
  if (!possible) return possible.error();
  const PartitionList list = to_list(next_offsets);
  const NewOffsets asked(rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), list.get()));
  rd_kafka_AlterConsumerGroupOffsets_t* raw = asked.get();
  const auto answer = admin_call(rk, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, fmt::format("group {}", group),
                                 [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                                   rd_kafka_AlterConsumerGroupOffsets(rk, &raw, 1, options, queue);
                                 });
  if (!answer) return answer.error();
  std::size_t count = 0;
  const auto* const results = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(answer->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto* error = rd_kafka_group_result_error(results[i]))
      return error_of(rd_kafka_error_code(error), fmt::format("group {}", group), rd_kafka_error_string(error));
    // Only these errors show a member that joined in between.
    for (const auto& element : Elements(rd_kafka_group_result_partitions(results[i]))) {
      if (element.err == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID) return active(group);
      if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return not_set(element.err, group);
    }
  }
  return {};
}

Result<void> delete_group(rd_kafka_t* rk, const std::string& group) {
  const auto there = describe_one(rk, group);
  if (!there) return there.error();
  if (is_unknown(*there)) return Error(Errc::not_found, fmt::format("no group {}", group));
  if (has_members(*there)) return active(group);
  const DeleteGroup asked(rd_kafka_DeleteGroup_new(group.c_str()));
  rd_kafka_DeleteGroup_t* raw = asked.get();
  const auto answer = admin_call(rk, RD_KAFKA_ADMIN_OP_DELETEGROUPS, fmt::format("group {}", group),
                                 [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                                   rd_kafka_DeleteGroups(rk, &raw, 1, options, queue);
                                 });
  if (!answer) return answer.error();
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(answer->get()), &count);
  for (std::size_t i = 0; i < count; ++i)
    if (const auto* error = rd_kafka_group_result_error(results[i]))
      return error_of(rd_kafka_error_code(error), fmt::format("group {}", group), rd_kafka_error_string(error));
  return {};
}

}  // namespace foodorder::kafka
