#include "suite.hpp"

#include "world.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <iterator>

namespace foodorder::conformance {

namespace {

/// What is missing for a need, or nothing.
std::optional<std::string> missing(Need need, const Backend& backend, const Features& features) {
  const auto unless = [](bool can, const char* reason) {
    return can ? std::nullopt : std::optional<std::string>(reason);
  };
  switch (need) {
    case Need::admin:
      return unless(features.admin, "it cannot describe or change groups");
    case Need::compaction:
      return unless(features.compaction, "it does not compact");
    case Need::compaction_on_demand:
      return unless(features.compaction_on_demand, "it compacts when it likes");
    case Need::retention:
      return unless(features.retention, "it keeps everything");
    case Need::seek_by_time:
      return unless(features.seek_by_time, "it cannot find offsets by time");
    case Need::removed_before_read:
      return unless(features.removed_before_read, "it does not count what was missed");
    case Need::held_members:
      return unless(backend.members_can_be_held, "its members heartbeat on threads of their own");
    case Need::orderly_rebalances:
      return unless(features.orderly_rebalances, "it refuses commits while members join, and waits for who has left");
    case Need::transactions:
      return unless(backend.transact != nullptr, "it has no transactions");
    case Need::topic_changes:
      return unless(backend.delete_topic && backend.add_partitions, "nobody deletes its topics or adds partitions");
    case Need::groups:
      return unless(backend.groups, "it has no consumer groups");
    case Need::own_records:
      return unless(backend.own_records, "only transactions write it");
  }
  return "unknown need";
}

/// All of these ask for that, too.
std::vector<Case> needing(Need need, std::vector<Case> cases) {
  for (Case& the_case : cases)
    if (std::ranges::find(the_case.needs, need) == the_case.needs.end()) the_case.needs.push_back(need);
  return cases;
}

void record_exception(const std::exception_ptr& thrown, Report& report) {
  try {
    std::rethrow_exception(thrown);
  } catch (const CaseEnded&) {  // NOLINT(bugprone-empty-catch): it is in the report already
  } catch (const std::exception& error) {
    report.fail(std::string("The case ended with an exception: ") + error.what());
  }
}

}  // namespace

std::vector<Subject> all_subjects() {
  return {{"Producing", needing(Need::own_records, producing_cases())},
          {"Consuming", consuming_cases()},
          {"Positions", position_cases()},
          {"Groups", needing(Need::groups, group_cases())},
          {"Rebalances", needing(Need::groups, rebalance_cases())},
          {"Offsets", needing(Need::groups, offset_cases())},
          {"Compaction", needing(Need::own_records, compaction_cases())},
          {"Retention", needing(Need::own_records, retention_cases())},
          {"Admin", admin_cases()},
          {"Strangers and operators", foreign_cases()}};
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (auto subjects = all_subjects(); Subject & subject : subjects)
    std::ranges::move(subject.cases, std::back_inserter(all));
  return all;
}

std::string_view to_string(Need need) {
  switch (need) {
    case Need::admin:
      return "admin";
    case Need::compaction:
      return "compaction";
    case Need::compaction_on_demand:
      return "compaction on demand";
    case Need::retention:
      return "retention";
    case Need::seek_by_time:
      return "seek by time";
    case Need::removed_before_read:
      return "removed before read";
    case Need::held_members:
      return "held members";
    case Need::orderly_rebalances:
      return "orderly rebalances";
    case Need::transactions:
      return "transactions";
    case Need::topic_changes:
      return "topic changes";
    case Need::groups:
      return "groups";
    case Need::own_records:
      return "own records";
  }
  return "unknown need";
}

std::optional<std::string> reason_to_skip(const Case& the_case, const Backend& backend, const Features& features) {
  for (const Need need : the_case.needs)
    if (auto reason = missing(need, backend, features)) return reason;
  return {};
}

Outcome run_case(const Case& the_case, const Backend& backend) {
  constexpr Duration limit = std::chrono::minutes(4);
  Outcome outcome;
  const auto stage = backend.make_stage();
  const auto bus = backend.make_bus(*stage);
  outcome.skipped = reason_to_skip(the_case, backend, bus->features());
  if (outcome.skipped) return outcome;

  World world(*bus, *stage, outcome.report);
  world.backend = &backend;
  FaultDomain domain(stage->executor(), "case");
  bool ended = false;
  asio::co_spawn(domain.get_executor(), the_case.run(world), [&](const std::exception_ptr& thrown) {
    ended = true;
    if (thrown) record_exception(thrown, outcome.report);
  });
  if (!stage->run_until([&] { return ended; }, limit)) world.report_stuck();
  // What still waits is dropped while the bus is there.
  domain.crash();
  stage->run_until([] { return false; }, std::chrono::milliseconds(1));
  return outcome;
}

}  // namespace foodorder::conformance
