#pragma once

#include "blocking_loop.hpp"
#include "client.hpp"
#include "config/config.hpp"
#include "output.hpp"

namespace foodorder {

/// Runs any command but serve. Gives the exit status: 0; 1 found nothing, or not ready. Throws what is another one:
/// std::runtime_error for misuse (2), app::OutOfReach (3), std::system_error where nobody reads the output any more.
int run_command(const CommandRequest& request);

}  // namespace foodorder

namespace foodorder::app {

constexpr int found_nothing_status = 1;
constexpr int out_of_reach_status = 3;

/// What a command has to work with.
struct CommandContext {
  const CommandRequest& request;
  const CommandCall& call;
  const Output& output;
  BlockingLoop& loop;
  Client& client;
};

// Each gives the exit status, and throws what is another one than 0 and 1.

int list_topics(CommandContext& context);
int describe_topic(CommandContext& context);
int compact_topic(CommandContext& context);
int list_groups(CommandContext& context);
int describe_group(CommandContext& context);
int reset_group(CommandContext& context);
int list_dead_letters(CommandContext& context);
int redrive_dead_letters(CommandContext& context);
int consume(CommandContext& context);
int produce(CommandContext& context);
int show_history(CommandContext& context);
int place_load(CommandContext& context);
int watch(CommandContext& context);
int verify(CommandContext& context);

}  // namespace foodorder::app
