#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "handles.hpp"

namespace foodorder::kafka {

/// The transactions of the offsets [begin, end) of a partition, by offset. librdkafka tells neither which records
/// belong to one nor where its markers are: this asks the leader by Kafka's protocol (Fetch, KIP-98), in plain text.
/// Empty where that fails: what is not known is not shown. Blocks.
std::vector<TransactionSpan> transactions_in(rd_kafka_t* rk, const TopicPartition& tp, std::int64_t begin,
                                             std::int64_t end);

/// The same of the batches in an answer to Fetch; `stable_end` is where the first open transaction begins. For tests.
struct FetchedBatches {
  std::string_view records;
  std::int64_t stable_end = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> aborted;  ///< producer id, first offset
};
/// Adds the spans of whole batches; returns the offset behind the last of them.
std::int64_t add_transactions(const FetchedBatches& fetched, std::int64_t begin, std::vector<TransactionSpan>& spans);

}  // namespace foodorder::kafka
