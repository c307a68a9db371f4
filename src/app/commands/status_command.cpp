#include "status_command.hpp"

#include "foodorder/runtime/topics.hpp"
#include "order_statuses.hpp"
#include "output.hpp"
#include "rest_log.hpp"

#include <fmt/format.h>
#include <cstdlib>
#include <stdexcept>

namespace foodorder {

int show_statuses(const CommandRequest& request, app::Client& client) {
  if (!request.url.empty() && !request.call.has("--url"))
    throw std::runtime_error(
        "the memory bus keeps nothing outside of its process: ask a running program with "
        "status --url=http://127.0.0.1:3001, or read a broker's log with status --bus=kafka");
  app::OrderStatuses statuses;
  app::Progress progress;
  const std::string topic(topics::order_status);
  const app::RestLog log = app::read_log_over_rest(
      client, topic, [&](const ConsumerRecord& record) { statuses.take(record); },
      [&](const app::RestLog& reached) { progress.show("reading " + topic, reached.next_offset, reached.end_offset); });
  statuses.set_written(log.end_offset);
  progress.clear();
  fmt::print("{}", request.call.has("--json") ? statuses.as_json() : statuses.as_text());
  return EXIT_SUCCESS;
}

}  // namespace foodorder
