#include "command.hpp"

#include <fmt/format.h>
#include <cstdlib>

namespace foodorder::app {

namespace {

std::int64_t number_at(const json::object& object, std::string_view name) {
  return object.at(name).to_number<std::int64_t>();
}

std::string target_of(const std::string& topic) { return "/api/bus/topics/" + percent_encoded(topic); }

/// Empty where the bus does not tell it.
json::array list_at(const json::object& object, std::string_view name) {
  const json::value* list = object.if_contains(name);
  return list && list->is_array() ? list->get_array() : json::array();
}

std::string rate_text(const json::object& topic) {
  const json::value* rate = topic.if_contains("recordsPerSecond");
  return rate && rate->is_number() ? fmt::format("{:.1f}", rate->to_number<double>()) : "";
}

std::string readers_text(const json::object& topic) {
  std::string text;
  for (const json::value& group : list_at(topic, "groups"))
    text += (text.empty() ? "" : ", ") + std::string(text_at(group.get_object(), "group"));
  return text;
}

void print_partitions(const json::object& topic, const Output& output) {
  Table table({"PARTITION", "START", "END", "RECORDS", "SIZE"});
  for (const json::value& each : topic.at("partitions").as_array()) {
    const json::object& partition = each.as_object();
    table.add({number_at(partition, "partition"), number_at(partition, "startOffset"),
               number_at(partition, "endOffset"), number_at(partition, "records"),
               size_text(number_at(partition, "sizeBytes"))});
  }
  output.write(table.text(output));
}

void print_groups(const json::object& topic, const Output& output) {
  const json::array groups = list_at(topic, "groups");
  if (groups.empty()) return;
  Table table({"GROUP", "STATE", "LAG"});
  for (const json::value& each : groups) {
    const json::object& group = each.as_object();
    const std::int64_t lag = number_at(group, "lag");
    table.add({text_at(group, "group"), text_at(group, "state"), {lag, lag > 0 ? Colour::yellow : Colour::none}});
  }
  output.write('\n' + table.text(output));
}

void print_settings(const json::object& topic, const Output& output) {
  const json::array settings = list_at(topic, "settings");
  if (settings.empty()) return;
  Table table({"SETTING", "VALUE", "", "MEANING"});
  for (const json::value& each : settings) {
    const json::object& setting = each.as_object();
    const bool changed = setting.at("changed").as_bool();
    table.add({{text_at(setting, "name"), changed ? Colour::bold : Colour::none},
               text_at(setting, "value"),
               changed ? "changed" : "",
               {text_at(setting, "explanation"), Colour::dim}});
  }
  output.write('\n' + table.text(output));
}

}  // namespace

int list_topics(CommandContext& context) {
  const json::value topics = context.client.get("/api/bus/topics");
  Table table({"TOPIC", "PARTITIONS", "RECORDS", "SIZE", "CLEANUP", "PER SECOND", "READ BY"});
  for (const json::value& each : topics.as_array()) {
    const json::object& topic = each.as_object();
    if (context.output.json()) context.output.line(topic);
    table.add({text_at(topic, "name"), static_cast<std::int64_t>(topic.at("partitions").as_array().size()),
               number_at(topic, "records"), size_text(number_at(topic, "sizeBytes")), text_at(topic, "cleanupPolicy"),
               rate_text(topic), readers_text(topic)});
  }
  if (!context.output.json() && !table.empty()) context.output.write(table.text(context.output));
  if (table.empty()) throw NothingFound("there are no topics");
  return EXIT_SUCCESS;
}

int describe_topic(CommandContext& context) {
  const json::value described = context.client.get(target_of(context.call.arguments.front()));
  const json::object& topic = described.as_object();
  const Output& output = context.output;
  if (output.json()) return output.line(topic), EXIT_SUCCESS;
  const std::string rate = rate_text(topic);
  output.write(fmt::format("{}  cleanup {}, {}, {}{}\n\n",
                           output.coloured(printable(text_at(topic, "name")), Colour::bold),
                           text_at(topic, "cleanupPolicy"), counted(number_at(topic, "records"), "record"),
                           size_text(number_at(topic, "sizeBytes")), rate.empty() ? "" : fmt::format(", {}/s", rate)));
  print_partitions(topic, output);
  print_groups(topic, output);
  print_settings(topic, output);
  return EXIT_SUCCESS;
}

int compact_topic(CommandContext& context) {
  const std::string& name = context.call.arguments.front();
  const json::value answer = context.client.send(http::Method::post, target_of(name) + "/compact", json::object());
  const json::object& compacted = answer.as_object();
  if (context.output.json()) return context.output.line(compacted), EXIT_SUCCESS;
  Table table({"PARTITION", "RECORDS", "AFTER", "SIZE", "AFTER"});
  for (const json::value& each : compacted.at("partitions").as_array()) {
    const json::object& partition = each.as_object();
    table.add({number_at(partition, "partition"), number_at(partition, "recordsBefore"),
               number_at(partition, "recordsAfter"), size_text(number_at(partition, "bytesBefore")),
               size_text(number_at(partition, "bytesAfter"))});
  }
  context.output.write(table.text(context.output));
  context.output.write(fmt::format("{} went, {}\n", counted(number_at(compacted, "records"), "record"),
                                   size_text(number_at(compacted, "bytes"))));
  return EXIT_SUCCESS;
}

}  // namespace foodorder::app
