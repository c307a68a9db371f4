#include "group_list.hpp"

#include "admin_call.hpp"

#include <algorithm>

namespace foodorder::kafka {

namespace {

using GroupList = std::unique_ptr<const struct rd_kafka_group_list, Destroy<rd_kafka_group_list_destroy>>;

/// librdkafka's admin call leaves out what are no consumer groups; its older call does not, and knows fewer states.
void add_other_types(rd_kafka_t* rk, std::vector<ListedGroup>& groups) {
  const struct rd_kafka_group_list* raw = nullptr;
  const auto error = rd_kafka_list_groups(rk, nullptr, &raw, call_timeout_ms);
  const GroupList list(raw);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR || !list) return;  // it is an addition
  for (int i = 0; i < list->group_cnt; ++i) {
    const rd_kafka_group_info& info = list->groups[i];
    if (std::ranges::find(groups, info.group, &ListedGroup::name) != groups.end()) continue;
    const std::string_view type = info.protocol_type ? info.protocol_type : "";
    if (type == consumer_groups) continue;  // made since, or forgotten
    groups.push_back(ListedGroup{info.group, type.empty() ? "unknown" : std::string(type), "Unknown"});
  }
}

}  // namespace

Result<std::vector<ListedGroup>> list_groups(rd_kafka_t* rk) {
  const auto answer = admin_call(rk, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, "groups",
                                 [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                                   rd_kafka_ListConsumerGroups(rk, options, queue);
                                 });
  if (!answer) return answer.error();
  const auto* result = rd_kafka_event_ListConsumerGroups_result(answer->get());
  std::size_t count = 0;
  // A broker whose coordinator is still loading is not all groups.
  const auto* const errors = rd_kafka_ListConsumerGroups_result_errors(result, &count);
  if (count > 0) return error_of(rd_kafka_error_code(errors[0]), "groups", rd_kafka_error_string(errors[0]));
  const auto* const listed = rd_kafka_ListConsumerGroups_result_valid(result, &count);
  std::vector<ListedGroup> groups;
  for (std::size_t i = 0; i < count; ++i)
    groups.push_back(ListedGroup{rd_kafka_ConsumerGroupListing_group_id(listed[i]), std::string(consumer_groups),
                                 rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupListing_state(listed[i]))});
  add_other_types(rk, groups);
  std::ranges::sort(groups, {}, &ListedGroup::name);
  return groups;
}

}  // namespace foodorder::kafka
