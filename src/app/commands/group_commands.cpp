#include "command.hpp"

#include <fmt/format.h>
#include <array>
#include <cstdlib>

namespace foodorder::app {

namespace {

struct Goal {
  std::string_view flag;
  std::string_view to;
  bool has_value;
};
constexpr std::array<Goal, 7> goals = {{{"--to-earliest", "earliest", false},
                                        {"--to-latest", "latest", false},
                                        {"--to-current", "current", false},
                                        {"--to-offset", "offset", true},
                                        {"--shift-by", "shift", true},
                                        {"--to-datetime", "time", true},
                                        {"--by-duration", "duration", true}}};

std::int64_t number_at(const json::object& object, std::string_view name) {
  return object.at(name).to_number<std::int64_t>();
}

/// A number, or "" where it is null or not told.
std::string number_text(const json::object& object, std::string_view name) {
  const json::value* number = object.if_contains(name);
  return number && number->is_number() ? fmt::format("{}", number->to_number<std::int64_t>()) : "";
}

std::string seconds_text(const json::object& object) {
  const json::value* seconds = object.if_contains("lagSeconds");
  return seconds && seconds->is_number() ? fmt::format("{:.1f} s", seconds->to_number<double>()) : "";
}

std::string target_of(const std::string& group) { return "/api/bus/groups/" + percent_encoded(group); }

Colour colour_of_lag(std::int64_t lag) { return lag > 0 ? Colour::yellow : Colour::none; }

void print_members(const json::object& group, const Output& output) {
  if (!group.at("membersKnown").as_bool())
    return output.write("\nThe members of this group's protocol are not known.\n");
  Table table({"MEMBER", "PARTITIONS", "ID"});
  for (const json::value& each : group.at("members").as_array()) {
    const json::object& member = each.as_object();
    std::string assigned;
    for (const json::value& part : member.at("assignment").as_array())
      assigned += fmt::format("{}{}:{}", assigned.empty() ? "" : " ", text_at(part.as_object(), "topic"),
                              number_at(part.as_object(), "partition"));
    table.add({text_at(member, "clientId"), assigned.empty() ? "none" : assigned, text_at(member, "memberId")});
  }
  output.write('\n' + (table.empty() ? "No members.\n" : table.text(output)));
}

/// Exactly one of them says where the offsets go.
json::object goal_of(const CommandCall& call) {
  json::object body;
  for (const Goal& goal : goals) {
    if (!call.has(goal.flag)) continue;
    if (!body.empty())
      throw std::runtime_error("group reset takes one of its --to, --shift-by and --by-duration flags");
    body["to"] = goal.to;
    if (const auto number = call.integer(goal.flag))
      body["value"] = *number;
    else if (goal.has_value)
      body["value"] = *call.value(goal.flag);
  }
  if (body.empty())
    throw std::runtime_error(
        "group reset needs to know where to: --to-earliest, --to-latest, --to-current, --to-offset N, --shift-by N, "
        "--to-datetime TIME or --by-duration DURATION");
  if (call.has("--topic")) {
    json::array topics;
    for (const std::string& topic : call.values("--topic")) topics.emplace_back(topic);
    body["topics"] = std::move(topics);
  }
  body["dryRun"] = !call.has("--execute");
  return body;
}

void print_reset(const json::object& reset, const Output& output) {
  Table table({"TOPIC", "PARTITION", "BEFORE", "AFTER", "CHANGE", "START", "END", "NOTE"});
  for (const json::value& each : reset.at("partitions").as_array()) {
    const json::object& partition = each.as_object();
    const bool known = partition.at("before").is_number();
    const std::int64_t change = known ? number_at(partition, "after") - number_at(partition, "before") : 0;
    const json::value* note = partition.if_contains("note");
    table.add({text_at(partition, "topic"),
               number_at(partition, "partition"),
               number_text(partition, "before"),
               number_at(partition, "after"),
               {known ? fmt::format("{:+}", change) : "", change < 0 ? Colour::yellow : Colour::none},
               number_at(partition, "startOffset"),
               number_at(partition, "endOffset"),
               note ? std::string_view(note->as_string()) : std::string_view()});
  }
  output.write(table.text(output));
}

}  // namespace

int list_groups(CommandContext& context) {
  const json::value groups = context.client.get("/api/bus/groups");
  Table table({"GROUP", "STATE", "MEMBERS", "LAG", "BEHIND", "TREND"});
  for (const json::value& each : groups.as_array()) {
    const json::object& group = each.as_object();
    if (context.output.json()) context.output.line(group);
    const std::int64_t lag = number_at(group, "lag");
    const bool known = group.at("membersKnown").as_bool();
    const std::string members = known ? fmt::format("{}", group.at("members").as_array().size()) : "unknown";
    table.add({text_at(group, "group"),
               text_at(group, "state"),
               members,
               {lag, colour_of_lag(lag)},
               seconds_text(group),
               text_at(group, "trend")});
  }
  if (table.empty()) throw NothingFound("there are no consumer groups");
  if (!context.output.json()) context.output.write(table.text(context.output));
  return EXIT_SUCCESS;
}

int describe_group(CommandContext& context) {
  const json::value described = context.client.get(target_of(context.call.arguments.front()));
  const json::object& group = described.as_object();
  const Output& output = context.output;
  if (output.json()) return output.line(group), EXIT_SUCCESS;
  output.write(fmt::format("{}  {}, {}, lag {}\n\n", output.coloured(printable(text_at(group, "group")), Colour::bold),
                           text_at(group, "type"), text_at(group, "state"), number_at(group, "lag")));
  Table table({"TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "BEHIND", "TREND", "MEMBER"});
  for (const json::value& each : group.at("partitions").as_array()) {
    const json::object& partition = each.as_object();
    const std::int64_t lag = number_at(partition, "lag");
    table.add({text_at(partition, "topic"),
               number_at(partition, "partition"),
               {number_text(partition, "committedOffset")},
               number_at(partition, "endOffset"),
               {lag, colour_of_lag(lag)},
               seconds_text(partition),
               text_at(partition, "trend"),
               text_at(partition, "owner")});
  }
  output.write(table.text(output));
  print_members(group, output);
  return EXIT_SUCCESS;
}

int reset_group(CommandContext& context) {
  const json::object asked = goal_of(context.call);
  const std::string target = target_of(context.call.arguments.front()) + "/offsets";
  const json::value answer = context.client.send(http::Method::post, target, asked);
  const json::object& reset = answer.as_object();
  const Output& output = context.output;
  if (output.json()) return output.line(reset), EXIT_SUCCESS;
  print_reset(reset, output);
  if (!reset.at("dryRun").as_bool()) {
    output.write("done\n");
    return EXIT_SUCCESS;
  }
  std::string members;
  for (const json::value& member : reset.at("members").as_array())
    members += (members.empty() ? "" : ", ") + printable(std::string_view(member.as_string()));
  output.write(
      reset.at("active").as_bool()
          ? fmt::format("nothing was changed. The group is active ({}): stop its members before --execute\n", members)
          : "nothing was changed: --execute does it\n");
  return EXIT_SUCCESS;
}

}  // namespace foodorder::app
