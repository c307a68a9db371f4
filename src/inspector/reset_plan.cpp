#include "reset_plan.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace foodorder::inspector {

namespace {

using To = ResetRequest::To;
using Offsets = std::map<TopicPartition, std::int64_t>;

Offsets committed_of(const GroupDescription* group) {
  Offsets offsets;
  if (group)
    for (const GroupPartition& partition : group->partitions)
      if (partition.committed) offsets[partition.tp] = *partition.committed;
  return offsets;
}

const GroupDescription* find_group(const std::vector<GroupDescription>& groups, const std::string& name) {
  const auto found =
      std::find_if(groups.begin(), groups.end(), [&](const GroupDescription& group) { return group.group == name; });
  return found == groups.end() ? nullptr : &*found;
}

/// The partitions that were chosen, each once.
Result<std::vector<TopicPartition>> chosen(const std::vector<TopicDescription>& topics, const ResetRequest& request) {
  std::vector<TopicPartition> all;
  for (const ResetRequest::Choice& choice : request.topics) {
    const auto topic =
        std::find_if(topics.begin(), topics.end(), [&](const TopicDescription& it) { return it.name == choice.topic; });
    if (topic == topics.end()) return Error(Errc::not_found, fmt::format("there is no topic {}", choice.topic));
    const auto count = static_cast<std::int32_t>(topic->partitions.size());
    for (const std::int32_t partition : choice.partitions) {
      if (partition >= count)
        return Error(Errc::not_found,
                     fmt::format("topic {} has partitions 0 to {}, no {}", choice.topic, count - 1, partition));
      all.emplace_back(choice.topic, partition);
    }
    if (choice.partitions.empty())
      for (std::int32_t partition = 0; partition < count; ++partition) all.emplace_back(choice.topic, partition);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void clamp_into_log(ResetStep& step, std::int64_t wanted) {
  step.after = std::clamp(wanted, step.start, step.end);
  if (step.after != wanted)
    step.note = fmt::format("{} is not in the log, which has {} to {}", wanted, step.start, step.end);
}

/// The place that a step leads to, where the bus has to be asked for it.
std::optional<Where> place_of(const ResetRequest& request) {
  if (request.to == To::time || request.to == To::duration) return Where::at_time(request.time);
  return {};
}

/// `places` are of `place_of`. Errors: invalid_argument.
Result<void> set_after(ResetStep& step, const ResetRequest& request, const Offsets& places) {
  switch (request.to) {
    case To::earliest:
      step.after = step.start;
      break;
    case To::latest:
      step.after = step.end;
      break;
    case To::current:
      // As kafka-consumer-groups does where nothing is committed.
      clamp_into_log(step, step.before.value_or(step.end));
      break;
    case To::offset:
      clamp_into_log(step, request.number);
      break;
    case To::shift:
      if (!step.before)
        return Error(Errc::invalid_argument, fmt::format("the group has committed nothing in {}-{}, from where it "
                                                         "could be shifted",
                                                         step.tp.topic, step.tp.partition));
      // Offsets are not negative, so that this cannot overflow.
      clamp_into_log(step, request.number > 0 && *step.before > step.end
                               ? step.end
                               : std::min(request.number, step.end) + *step.before);
      break;
    case To::time:
    case To::duration:
    case To::group:
      clamp_into_log(step, places.at(step.tp));
      break;
  }
  return {};
}

}  // namespace

Task<Result<std::vector<ResetStep>>> plan_reset(EventBus& bus, const std::vector<GroupDescription>& groups,
                                                std::string group, const ResetRequest& request) {
  const GroupDescription* known = find_group(groups, group);
  const Offsets committed = committed_of(known);
  std::vector<TopicPartition> partitions;
  if (request.topics.empty()) {
    if (!known)
      co_return Error(Errc::not_found, fmt::format("there is no group {}; to make it, name its topics", group));
    for (const auto& [tp, offset] : committed) partitions.push_back(tp);
  } else {
    const auto topics = co_await bus.admin().topics();
    if (!topics) co_return topics.error();
    auto named = chosen(*topics, request);
    if (!named) co_return named.error();
    partitions = std::move(*named);
  }
  Offsets places;
  if (request.to == To::group) {
    const GroupDescription* other = find_group(groups, request.other_group);
    if (!other) co_return Error(Errc::not_found, fmt::format("there is no group {}", request.other_group));
    places = committed_of(other);
    std::erase_if(partitions, [&](const TopicPartition& tp) { return !places.contains(tp); });
  }
  if (partitions.empty())
    co_return Error(Errc::invalid_argument,
                    request.to == To::group ? fmt::format("group {} has committed nothing there", request.other_group)
                                            : fmt::format("group {} has committed nothing: name topics", group));
  if (const auto place = place_of(request)) {
    std::vector<TopicPartition> copy = partitions;
    const auto resolved = co_await bus.admin().resolve(std::move(copy), *place);
    if (!resolved) co_return resolved.error();
    for (const Position& position : *resolved) places[position.tp] = position.offset;
  }
  std::vector<TopicPartition> copy = partitions;
  const auto starts = co_await bus.admin().resolve(std::move(copy), Where::beginning());
  if (!starts) co_return starts.error();
  const auto ends = co_await bus.admin().resolve(std::move(partitions), Where::end());
  if (!ends) co_return ends.error();
  std::vector<ResetStep> steps;
  for (std::size_t i = 0; i < starts->size(); ++i) {
    ResetStep& step = steps.emplace_back();
    step.tp = (*starts)[i].tp;
    step.start = (*starts)[i].offset;
    step.end = std::max((*ends)[i].offset, step.start);
    if (const auto before = committed.find(step.tp); before != committed.end()) step.before = before->second;
    const Result<void> possible = set_after(step, request, places);
    if (!possible) co_return possible.error();
  }
  co_return steps;
}

}  // namespace foodorder::inspector
