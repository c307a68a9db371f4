#include "command.hpp"

#include <fmt/format.h>
#include <cstdlib>

namespace foodorder::app {

namespace {

std::string header(const json::object& record, std::string_view name) {
  for (const json::value& each : record.at("headers").as_array())
    if (text_at(each.as_object(), "name") == name) return std::string(text_at(each.as_object(), "value"));
  return "";
}

/// What the record says, in a few words.
std::string words_of(const json::object& record) {
  const json::value& value = record.at("value");
  if (value.is_null()) return "tombstone";
  if (!value.is_object()) return "no JSON object";
  const json::object& body = value.get_object();
  std::string words;
  for (const char* name : {"action", "type", "alertType", "severity", "status", "reason"})
    if (const std::string_view text = text_at(body, name); !text.empty())
      words += (words.empty() ? "" : " ") + std::string(text);
  const json::value* retries = body.if_contains("retryCount");
  if (retries && retries->is_number()) words += fmt::format(" (retry {})", retries->to_number<std::int64_t>());
  return words;
}

Colour colour_of(std::string_view words) {
  if (words.starts_with("NOTIFIED")) return Colour::green;
  if (words.starts_with("RETRY") || words.starts_with("FRAUD_ALERT")) return Colour::yellow;
  return words.starts_with("DLQ") || words.starts_with("DROPPED") || words == "tombstone" ? Colour::red : Colour::none;
}

void add_row(Table& table, const json::object& record) {
  const std::string words = words_of(record);
  std::string by = header(record, "ce_source");
  table.add({text_at(record, "timestamp"),
             text_at(record, "topic"),
             fmt::format("p{}@{}", record.at("partition").to_number<std::int64_t>(),
                         record.at("offset").to_number<std::int64_t>()),
             std::move(by),
             {words, colour_of(words)}});
}

}  // namespace

int show_history(CommandContext& context) {
  const std::string target = fmt::format("/api/orders/{}/history", percent_encoded(context.call.arguments.front()));
  Table table({"TIME", "TOPIC", "PLACE", "BY", "WHAT"});
  Progress progress;
  bool any = false;
  for (std::string next = target; !next.empty();) {
    const Client::Answer page = context.client.ask(http::Method::get, next);
    const json::value records = body_of(page, "GET " + next);
    for (const json::value& record : records.as_array()) {
      any = true;
      if (context.output.json())
        context.output.line(record.as_object());
      else
        add_row(table, record.as_object());
    }
    progress.show("reading the log");
    next = page.next;
  }
  progress.clear();
  if (!any) throw NothingFound("there is no record about this order");
  if (!context.output.json()) context.output.write(table.text(context.output));
  return EXIT_SUCCESS;
}

}  // namespace foodorder::app
