#pragma once

#include "plan.hpp"

#include <functional>

// What the plans of several architectures draw alike. Each draws in one order, which seeds go by: a new draw comes
// last.

namespace foodorder::simulation {

/// A small world, a medium or a large one: how many requests, how long, and who reads along.
void choose_size(Plan& plan, Random& random, double medium, std::size_t requests_min);
/// `process`, if set, draws where each instance but the first one lives.
void add_parts(Plan& plan, Random& random, const std::string& kind, int count,
               const std::function<int()>& process = {});
/// One order service or two, and up to three that notify.
void add_order_and_notification(Plan& plan, Random& random, const std::function<int()>& process = {});
/// How often notifications fail, and what becomes of those that do.
void choose_failures(Plan& plan, Random& random);
void choose_fraud_limits(Plan& plan, Random& random);
/// Those of workers on a queue, what blocks an order, and how long the event ring is.
void choose_queue_settings(Plan& plan, Random& random);
void choose_table_faults(Plan& plan, Random& random);
/// How often an instance crashes, is held and so on; with processes also what happens to them and to the database.
void choose_disturbances(Plan& plan, Random& random, double crashes);

}  // namespace foodorder::simulation
