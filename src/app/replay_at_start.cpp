#include "replay_at_start.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

namespace foodorder::app {

namespace {

constexpr Duration progress_interval = std::chrono::seconds(1);

std::int64_t number_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_int64() ? value->get_int64() : 0;
}

/// How far the replay is, by the instance's report; empty where it says nothing.
std::string progress_of(const Supervisor& supervisor, std::string_view instance) {
  for (const InstanceStatus& status : supervisor.statuses()) {
    if (status.instance != instance) continue;
    const json::value* replay = status.report.if_contains("replay");
    if (!replay || !replay->is_object()) break;
    const json::object& progress = replay->get_object();
    const std::int64_t total = number_at(progress, "total");
    return total == 0 ? "" : fmt::format("{} of {} records of orders read", number_at(progress, "done"), total);
  }
  return "";
}

Task<> print_progress(const Supervisor& supervisor, Clock& clock, std::string instance, PrintLine print,
                      std::shared_ptr<const bool> done) {
  std::string printed;
  for (;;) {
    co_await sleep_for(clock, progress_interval);
    if (*done) co_return;
    std::string progress = progress_of(supervisor, instance);
    if (progress.empty() || progress == printed) continue;
    print(fmt::format("replay     {}: {}", instance, progress));
    printed = std::move(progress);
  }
}

std::string in_words(const json::object& summary, const EventBus& bus) {
  const std::int64_t orders = number_at(summary, "orders");
  if (orders == 0)
    return fmt::format("orders held nothing to judge, so 0 orders were replayed{}",
                       bus.name() == "kafka" ? "" : " (a memory bus begins empty at each start)");
  const std::int64_t differences = number_at(summary, "differenceCount");
  return fmt::format(
      "{} orders judged again, {} with alerts, {} late; {}", orders, number_at(summary, "alerts"),
      number_at(summary, "late"),
      differences == 0 ? "the same as the first time" : fmt::format("{} differ from the first time", differences));
}

/// A list of alert types; null is no verdict at all.
std::string verdict_in_words(const json::value& types) {
  if (!types.is_array()) return "no verdict";
  std::string words;
  for (const json::value& type : types.get_array())
    words += (words.empty() ? "" : ", ") + std::string(std::string_view(type.as_string()));
  return words.empty() ? "no alert" : words;
}

/// One line each; those that the summary only counts are counted.
std::vector<std::string> differences_in_words(const json::object& summary) {
  std::vector<std::string> lines;
  const json::value* differences = summary.if_contains("differences");
  if (!differences || !differences->is_array()) return lines;
  for (const json::value& difference : differences->get_array())
    lines.push_back(
        fmt::format("order {}: {}, the first time {}", std::string_view(difference.at("orderId").as_string()),
                    verdict_in_words(difference.at("replayed")), verdict_in_words(difference.at("recorded"))));
  const std::int64_t unlisted = number_at(summary, "differenceCount") - static_cast<std::int64_t>(lines.size());
  if (unlisted > 0) lines.push_back(fmt::format("and {} more", unlisted));
  return lines;
}

}  // namespace

Task<bool> replay_at_start(Supervisor& supervisor, EventBus& bus, Clock& clock, std::string instance, PrintLine print) {
  const Executor executor = co_await asio::this_coro::executor;
  const auto tell = [&](std::string_view what) { print(fmt::format("replay     {}: {}", instance, what)); };
  const auto done = std::make_shared<bool>(false);
  asio::co_spawn(executor, print_progress(supervisor, clock, instance, print, done), asio::detached);
  tell("reads orders from the beginning and writes nothing");
  const auto summary = co_await supervisor.replay(instance);
  *done = true;
  tell(summary ? in_words(*summary, bus) : "failed: " + summary.error().message);
  if (summary)
    for (const std::string& line : differences_in_words(*summary)) tell(line);
  co_return summary.has_value();
}

}  // namespace foodorder::app
