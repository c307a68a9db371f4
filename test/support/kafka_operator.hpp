#pragma once

#include <string>

namespace foodorder::test {

/// How a transaction of a client that is not ours ends.
enum class Ending { committed, aborted, timed_out };

/// Writes these values to partition 0 of a topic in one transaction. One that is to time out stays open for
/// five seconds, and until the broker looks, which it does every ten. Throws std::runtime_error.
void write_transaction(const std::string& brokers, const std::string& topic, Ending ending, int records);

/// What an operator does with Kafka's tools. Both return once the broker has done it. They throw std::runtime_error.
void delete_topic(const std::string& brokers, const std::string& topic);
void add_partitions(const std::string& brokers, const std::string& topic, int partitions);

}  // namespace foodorder::test
