#pragma once

#include "foodorder/base/result.hpp"
#include "handles.hpp"

#include <map>
#include <string>
#include <vector>

namespace foodorder::kafka {

constexpr std::size_t topic_id_digits = 32;
/// By the topics' names.
using TopicIds = std::map<std::string, std::string>;

/// The ids of all topics (KIP-516), 32 hexadecimal digits: a topic that is deleted and made again gets another one.
/// librdkafka tells none before 2.3; this asks a broker by Kafka's protocol (Metadata, version 10), in plain text. Ids
/// are absent where the broker has none (before 2.8). Errors: unavailable. Blocks.
Result<TopicIds> topic_ids(rd_kafka_t* rk);

/// Identifies the logs of these topics together: the cluster and, with `with_ids`, the topics' own ids. Blocks.
Result<std::string> log_id(rd_kafka_t* rk, const std::vector<std::string>& topics, bool with_ids);

}  // namespace foodorder::kafka
