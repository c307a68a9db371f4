#include "command.hpp"

#include <fmt/format.h>
#include <cstdlib>

namespace foodorder::app {

namespace {

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

}  // namespace foodorder::app
