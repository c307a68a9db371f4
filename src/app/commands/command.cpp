#include "command.hpp"

#include "broker_client.hpp"
#include "health_command.hpp"
#include "rest_client.hpp"
#include "status_command.hpp"

#include <fmt/format.h>
#include <array>
#include <cstdlib>
#include <utility>

namespace foodorder {

namespace {

using app::CommandContext;

using Run = int (*)(CommandContext&);

constexpr std::array<std::pair<std::string_view, Run>, 16> runs = {{
    {"consume", app::consume},
    {"produce", app::produce},
    {"topic list", app::list_topics},
    {"topic describe", app::describe_topic},
    {"topic compact", app::compact_topic},
    {"group list", app::list_groups},
    {"group describe", app::describe_group},
    {"group reset", app::reset_group},
    {"dlq list", app::list_dead_letters},
    {"dlq redrive", app::redrive_dead_letters},
    {"history", app::show_history},
    {"load", app::place_load},
    {"watch", app::watch},
    {"status", [](CommandContext& context) { return show_statuses(context.request, context.client); }},
    {"verify", app::verify},
    {"health", [](CommandContext& context) { return ask_health(context.client); }},
}};

std::unique_ptr<app::Client> client_for(const CommandRequest& request, app::BlockingLoop& loop) {
  if (request.url.empty()) return std::make_unique<app::BrokerClient>(loop, request.config);
  const std::string& token = request.config.token;
  return std::make_unique<app::RestClient>(loop, request.url, token == "none" ? "" : token);
}

}  // namespace

int run_command(const CommandRequest& request) {
  const std::string& name = request.call.command->name;
  for (const auto& [known, run] : runs) {
    if (known != name) continue;
    app::BlockingLoop loop;
    const auto client = client_for(request, loop);
    const app::Output output(request.call.value("--output"), request.plain);
    CommandContext context{request, request.call, output, loop, *client};
    return run(context);
  }
  throw std::logic_error(fmt::format("the command {} has no body", name));
}

}  // namespace foodorder
