#include "offset_reset.hpp"

#include "base/mutex_hold.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/http/conditions.hpp"
#include "http/json_body.hpp"
#include "reset_plan.hpp"
#include "trouble.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace foodorder::inspector {

namespace {

using Groups = std::vector<GroupDescription>;
using Steps = std::vector<ResetStep>;

const GroupDescription* find_group(const Groups& groups, const std::string& name) {
  const auto found = std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.group == name; });
  return found == groups.end() ? nullptr : &*found;
}

/// Names the offsets that a group has committed.
std::string tag_of(const GroupDescription* group) {
  std::set<std::string> offsets;
  if (group)
    for (const GroupPartition& partition : group->partitions)
      if (partition.committed)
        offsets.insert(fmt::format("{}-{}@{}", partition.tp.topic, partition.tp.partition, *partition.committed));
  return fmt::format("\"{:016x}\"", stable_hash(fmt::format("{}", fmt::join(offsets, ","))));
}

bool is_active(const GroupDescription* group) {
  return group && (!group->members.empty() || (!group->members_known && group->state != "Empty"));
}

std::vector<std::string> members_of(const GroupDescription* group) {
  std::vector<std::string> names;
  if (group)
    for (const MemberDescription& member : group->members) names.push_back(member.client_id);
  return names;
}

http::Response refuse_active(const std::string& name, const GroupDescription* group) {
  const auto members = members_of(group);
  return http::problem(
      409, "group-active",
      members.empty() ? fmt::format("group {} has members, which the broker does not name to this client; stop them "
                                    "first",
                                    name)
                      : fmt::format("group {} is active: {}; stop {} first", name, fmt::join(members, ", "),
                                    members.size() == 1 ? "it" : "them"));
}

json::object to_json(const ResetStep& step) {
  json::object entry{{"topic", step.tp.topic}, {"partition", step.tp.partition}, {"before", nullptr},
                     {"after", step.after},    {"startOffset", step.start},      {"endOffset", step.end}};
  if (step.before) entry["before"] = *step.before;
  if (!step.note.empty()) entry["note"] = step.note;
  return entry;
}

http::Response answer(const std::string& name, const ResetRequest& request, const Steps& steps,
                      const GroupDescription* group) {
  json::array partitions;
  for (const ResetStep& step : steps) partitions.push_back(to_json(step));
  json::array members;
  for (const std::string& member : members_of(group)) members.emplace_back(member);
  http::Response response = http::json_response(serialize_json(json::object{{"group", name},
                                                                            {"dryRun", request.dry_run},
                                                                            {"active", is_active(group)},
                                                                            {"members", std::move(members)},
                                                                            {"partitions", std::move(partitions)}}));
  response.headers.emplace_back("ETag", tag_of(group));
  return response;
}

class Resets {
 public:
  Resets(EventBus& bus, Clock& clock) : bus_(bus), clock_(clock) {}

  Task<http::Response> post(http::Request& request) {
    json::object body;
    if (auto wrong = http::read_object(request, body)) co_return std::move(*wrong);
    Problems errors;
    const ResetRequest asked = ResetRequest::from_json(body, clock_.now(), errors);
    if (!errors.empty()) co_return http::unprocessable(errors);
    // One after the other: who comes second sees what the first has done.
    co_await resetting_.lock();
    const MutexHold hold(resetting_);
    http::Response response = co_await reset(request, asked);
    co_return response;
  }

 private:
  Task<http::Response> reset(const http::Request& request, const ResetRequest& asked) {
    const std::string name(request.path_parameter("group"));
    const auto groups = co_await bus_.admin().groups();
    if (!groups) co_return trouble(groups.error());
    const GroupDescription* group = find_group(*groups, name);
    if (http::Conditions(request).judge(tag_of(group)) != http::Precondition::holds)
      co_return http::precondition_failed(
          fmt::format("somebody else has changed the offsets of {} meanwhile; look at them again", name));
    if (!asked.dry_run && is_active(group)) co_return refuse_active(name, group);
    const auto steps = co_await plan_reset(bus_, *groups, name, asked);
    if (!steps) co_return trouble(steps.error());
    if (asked.dry_run) co_return answer(name, asked, *steps, group);
    std::vector<Position> next_offsets;
    for (const ResetStep& step : *steps) next_offsets.emplace_back(step.tp, step.after);
    const auto done = co_await bus_.admin().reset_offsets(name, std::move(next_offsets));
    if (done) co_return answer(name, asked, *steps, group);
    http::Response response = co_await explain(name, *steps, done.error());
    co_return response;
  }

  /// A reset that failed: says as far as it can be known what was done.
  Task<http::Response> explain(const std::string& name, const Steps& steps, const Error& error) {
    const auto groups = co_await bus_.admin().groups();
    if (!groups) {
      if (error.code != Errc::unavailable && error.code != Errc::outcome_unknown) co_return trouble(error);
      co_return http::unavailable("outcome-unknown",
                                  fmt::format("it is not known whether the offsets of {} were set: {}; try a dry run "
                                              "when the broker is back",
                                              name, error.message));
    }
    const GroupDescription* group = find_group(*groups, name);
    if (error.code == Errc::group_active) co_return refuse_active(name, group);
    std::size_t set = 0;
    for (const ResetStep& step : steps)
      for (const GroupPartition& partition : group ? group->partitions : std::vector<GroupPartition>())
        if (partition.tp == step.tp && partition.committed == step.after) ++set;
    co_return trouble(Error(
        error.code, fmt::format("{} of {} partitions have their new offsets: {}", set, steps.size(), error.message)));
  }

  EventBus& bus_;
  Clock& clock_;
  AsyncMutex resetting_;
};

}  // namespace

std::vector<http::Route> reset_routes(EventBus& bus, Clock& clock) {
  const auto resets = std::make_shared<Resets>(bus, clock);
  std::vector<http::Route> routes;
  routes.emplace_back(
      http::Method::post, "/api/bus/groups/{group}/offsets",
      [resets](http::Request& request) { return resets->post(request); }, http::Access::control);
  routes.back().judges_conditions = true;
  return routes;
}

}  // namespace foodorder::inspector
