#include "topic_settings.hpp"

#include "admin_call.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::kafka {

namespace {

using ConfigResource = std::unique_ptr<rd_kafka_ConfigResource_t, Destroy<rd_kafka_ConfigResource_destroy>>;

TopicSetting to_setting(const rd_kafka_ConfigEntry_t& entry) {
  TopicSetting setting;
  setting.name = rd_kafka_ConfigEntry_name(&entry);
  const char* value = rd_kafka_ConfigEntry_value(&entry);
  if (value && !rd_kafka_ConfigEntry_is_sensitive(&entry)) setting.value = value;
  setting.changed = rd_kafka_ConfigEntry_source(&entry) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG;
  return setting;
}

}  // namespace

Result<std::vector<TopicSetting>> topic_settings(rd_kafka_t* rk, const std::string& topic) {
  const ConfigResource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* raw = resource.get();
  const std::string what = fmt::format("settings of {}", topic);
  const auto answer = admin_call(rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, what,
                                 [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                                   rd_kafka_DescribeConfigs(rk, &raw, 1, options, queue);
                                 });
  if (!answer) return answer.error();
  std::size_t count = 0;
  const auto* const described =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(answer->get()), &count);
  std::vector<TopicSetting> settings;
  for (std::size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_ConfigResource_error(described[i]);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(error, what);
    std::size_t entries = 0;
    const auto* const all = rd_kafka_ConfigResource_configs(described[i], &entries);
    for (std::size_t k = 0; k < entries; ++k) settings.push_back(to_setting(*all[k]));
  }
  std::ranges::sort(settings, {}, &TopicSetting::name);
  return settings;
}

}  // namespace foodorder::kafka
