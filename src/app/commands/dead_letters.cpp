#include "command.hpp"
#include "foodorder/base/number.hpp"
#include "inspector/read_message.hpp"
#include "message.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cstdlib>

namespace foodorder::app {

namespace {

/// 0 where it is not told.
std::int64_t number_at(const json::object& object, std::string_view name) {
  const json::value* number = object.if_contains(name);
  return number && number->is_number() ? number->to_number<std::int64_t>() : 0;
}

/// A key of the API, as a table shows it.
std::string key_text(const json::value& key) { return key.is_null() ? "null" : inspector::bytes_of(key).value_or(""); }

/// "orders p1@1902"; nothing for null.
std::string place_text(const json::value& place) {
  if (!place.is_object()) return "";
  const json::object& where = place.get_object();
  std::string text(text_at(where, "topic"));
  if (where.at("partition").is_number()) text += fmt::format(" p{}", number_at(where, "partition"));
  if (where.at("offset").is_number()) text += fmt::format("@{}", number_at(where, "offset"));
  return text;
}

/// What the flags choose; exactly one of them does.
json::object chosen(const CommandCall& call) {
  json::object body;
  if (!call.arguments.empty()) {
    json::array offsets;
    for (const std::string& text : call.arguments) {
      const auto offset = parse_number<std::int64_t>(text);
      if (!offset || *offset < 0)
        throw std::runtime_error(fmt::format("dlq redrive takes offsets of orders-dlq, not \"{}\"", printable(text)));
      offsets.emplace_back(*offset);
    }
    body["offsets"] = std::move(offsets);
  }
  if (const auto reason = call.value("--reason")) body["reason"] = *reason;
  if (call.has("--all")) body["all"] = true;
  if (body.size() != 1)
    throw std::runtime_error("dlq redrive takes offsets, --reason TEXT or --all: exactly one of them");
  if (call.has("--again")) body["confirm"] = true;
  body["dryRun"] = !call.has("--execute");
  return body;
}

Colour colour_of(std::string_view outcome) {
  if (outcome == "sent") return Colour::green;
  return outcome == "would be sent" || outcome == "already redriven" ? Colour::none : Colour::red;
}

void add_row(Table& table, const json::object& record) {
  const std::string_view outcome = text_at(record, "outcome");
  table.add({number_at(record, "offset"),
             key_text(record.at("key")),
             text_at(record, "reason"),
             place_text(record.at("to")),
             number_at(record, "redriveCount"),
             {outcome, colour_of(outcome)},
             text_at(record, "why")});
}

/// What came of all letters that were chosen: one call takes a part of them.
struct Totals {
  void add(const json::object& answer) {
    sent += number_at(answer, "sent");
    not_sent += number_at(answer, "notSent") + number_at(answer, "unknown");
    asks_again += number_at(answer, "asksAgain");
    already += number_at(answer, "alreadyRedriven");
  }

  std::int64_t sent = 0;
  std::int64_t not_sent = 0;
  std::int64_t asks_again = 0;
  std::int64_t already = 0;
};

void print_totals(const Totals& totals, bool dry_run, const Output& output) {
  std::string text = fmt::format("{} {}", counted(totals.sent, "letter"), dry_run ? "would be sent" : "sent");
  if (totals.not_sent > 0) text += fmt::format(", {} not", totals.not_sent);
  if (totals.already > 0) text += fmt::format(", {} redriven already", totals.already);
  if (totals.asks_again > 0) text += fmt::format(", {} held back: --again sends them, too", totals.asks_again);
  output.write(text + (dry_run ? ". Nothing was sent: --execute does it\n" : "\n"));
}

}  // namespace

int list_dead_letters(CommandContext& context) {
  const json::value answer = context.client.get("/api/bus/dlq");
  std::vector<const json::object*> letters;
  for (const json::value& reason : answer.at("reasons").as_array())
    for (const json::value& letter : reason.at("letters").as_array()) letters.push_back(&letter.as_object());
  if (letters.empty()) throw NothingFound("there are no dead letters");
  std::ranges::sort(letters, {}, [](const json::object* letter) { return number_at(*letter, "offset"); });
  Table table({"OFFSET", "TIME", "KEY", "FROM", "BY", "RETRIES", "REDRIVEN", "REASON"});
  for (const json::object* letter : letters) {
    if (context.output.json()) context.output.line(*letter);
    table.add({number_at(*letter, "offset"), text_at(*letter, "timestamp"), key_text(letter->at("key")),
               place_text(letter->at("from")), text_at(*letter, "by"), number_at(*letter, "retryCount"),
               number_at(*letter, "redriveCount"), text_at(*letter, "reason")});
  }
  if (context.output.json()) return EXIT_SUCCESS;
  context.output.write(table.text(context.output));
  const std::int64_t all = number_at(answer.as_object(), "letters");
  if (all > static_cast<std::int64_t>(letters.size()))
    context.output.write(fmt::format("the newest {} of {}\n", letters.size(), all));
  return EXIT_SUCCESS;
}

int redrive_dead_letters(CommandContext& context) {
  json::object asked = chosen(context.call);
  const bool dry_run = asked.at("dryRun").as_bool();
  Table table({"OFFSET", "KEY", "REASON", "TO", "REDRIVE", "OUTCOME", "WHY"});
  Totals totals;
  Progress progress;
  for (bool more = true; more;) {
    const json::value answer = context.client.send(http::Method::post, "/api/bus/dlq/redrive", asked);
    totals.add(answer.as_object());
    for (const json::value& record : answer.at("records").as_array()) {
      if (context.output.json())
        context.output.line(record.as_object());
      else
        add_row(table, record.as_object());
    }
    const json::value& next = answer.at("next");
    more = next.is_number() && asked.find("offsets") == asked.end();
    if (more) asked["after"] = next;
    progress.show(fmt::format("{} so far", counted(totals.sent, "letter")));
  }
  progress.clear();
  const std::int64_t held_back = totals.not_sent + totals.asks_again;
  if (totals.sent + held_back + totals.already == 0) throw NothingFound("there are no such dead letters");
  if (!context.output.json()) {
    context.output.write(table.text(context.output));
    print_totals(totals, dry_run, context.output);
  }
  return held_back > 0 || totals.sent == 0 ? found_nothing_status : EXIT_SUCCESS;
}

}  // namespace foodorder::app
