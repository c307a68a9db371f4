#pragma once

#include "database/order_database.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "monolith/table_bus.hpp"

#include <memory>

namespace foodorder::monolith {

/// The topics that are tables.
bool is_table(std::string_view topic) noexcept;
std::vector<TopicPartition> table_partitions(const std::vector<std::string>& topics);

/// A reader of tables.
std::unique_ptr<Consumer> make_table_consumer(const LoggedTables& tables, Clock& clock, ConsumerSpec spec);

}  // namespace foodorder::monolith
