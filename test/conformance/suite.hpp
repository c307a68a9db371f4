#pragma once

#include "backend.hpp"
#include "report.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The conformance suite of EventBus: what "the meaning of Kafka" is, as a table of cases that any bus has to pass.
// docs/internals/conformance.md tells what ran where and how to add a backend.

namespace foodorder::conformance {

class World;

/// What a case asks of the bus beyond the basics.
enum class Need {
  admin,
  compaction,
  compaction_on_demand,
  retention,
  seek_by_time,
  removed_before_read,
  held_members,
  orderly_rebalances,
  transactions,
  topic_changes,
  groups,
  own_records,
};

/// One thing that is true of every bus.
struct Case {
  std::string_view name;  ///< a sentence
  Task<> (*run)(World&);
  std::vector<Need> needs = {};
};

std::vector<Case> producing_cases();
std::vector<Case> consuming_cases();
std::vector<Case> position_cases();
std::vector<Case> group_cases();
std::vector<Case> rebalance_cases();
std::vector<Case> offset_cases();
std::vector<Case> compaction_cases();
std::vector<Case> retention_cases();
std::vector<Case> admin_cases();
std::vector<Case> foreign_cases();

/// The chapters of docs/internals/conformance.md.
struct Subject {
  std::string_view title;
  std::vector<Case> cases;
};

/// All of the above, in that order.
std::vector<Subject> all_subjects();

/// Their cases. Names are unique.
std::vector<Case> all_cases();

/// A need as a reader of the documentation wants to see it.
std::string_view to_string(Need need);

/// Why this case is not for this bus, if it is not.
std::optional<std::string> reason_to_skip(const Case& the_case, const Backend& backend, const Features& features);

struct Outcome {
  std::optional<std::string> skipped;  ///< the reason
  Report report;
};

/// Runs one case on a bus of its own, to its end or to a generous deadline.
Outcome run_case(const Case& the_case, const Backend& backend);

}  // namespace foodorder::conformance
