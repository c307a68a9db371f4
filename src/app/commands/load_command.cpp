#include "command.hpp"

#include "foodorder/base/number.hpp"

#include <fmt/format.h>
#include <cstdlib>

namespace foodorder::app {

namespace {

json::value ask_for(CommandContext& context) {
  const CommandCall& call = context.call;
  if (call.arguments.empty()) {
    if (call.has("--scenario") || call.has("--seed"))
      throw std::runtime_error("load needs a RATE with --scenario and --seed: orders a second");
    return context.client.get("/api/load");
  }
  const auto rate = parse_number<double>(call.arguments.front());
  if (!rate)
    throw std::runtime_error(
        fmt::format("load takes a RATE from 0 to 2000 orders a second, not \"{}\"", printable(call.arguments.front())));
  json::object load{{"rate", *rate}};
  if (const auto scenario = call.value("--scenario")) load["scenario"] = *scenario;
  if (const auto seed = call.integer("--seed")) load["seed"] = *seed;
  return context.client.send(http::Method::put, "/api/load", load);
}

std::string text_of(const json::object& load) {
  if (!load.at("running").as_bool()) return "no load is running\n";
  return fmt::format("{} orders a second, {}, until {}\n", serialize_json(load.at("rate")), text_at(load, "scenario"),
                     text_at(load, "endsAt"));
}

}  // namespace

int place_load(CommandContext& context) {
  const json::value load = ask_for(context);
  if (context.output.json())
    context.output.line(load.as_object());
  else
    context.output.write(text_of(load.as_object()));
  return EXIT_SUCCESS;
}

}  // namespace foodorder::app
