#pragma once

#include "connection.hpp"
#include "database/order_database.hpp"

namespace foodorder::database {

// The tables as topics: every audit row is a record of `audit`; one of the order service is an order's event, and its
// status, too; one of a dead job has its letter. The offset of all of them is the number of the audit row.

OrderDatabase::Rows read_rows(Connection& connection, std::int64_t from, std::size_t rows_max);
/// Errors: not_found.
Result<ReadPage> read_topic(Connection& connection, const TopicPartition& partition, std::int64_t offset,
                            const ReadLimits& limits);
std::int64_t end_of_log(Connection& connection);
std::int64_t offset_at(Connection& connection, Timestamp time);
std::vector<TopicDescription> describe_topics(Connection& connection);

}  // namespace foodorder::database
