#include "command.hpp"
#include "foodorder/runtime/topics.hpp"
#include "output.hpp"
#include "rest_client.hpp"
#include "rest_log.hpp"
#include "verify/verifier.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace foodorder {

namespace {

using app::Client;

// Statuses come every second: then what is shown is as new as the log.
constexpr auto report_age_max = std::chrono::milliseconds(1500);

std::string text_of(const json::value& value) { return std::string(std::string_view(value.as_string())); }

/// Where the groups are, and whether they have read all there is.
struct Groups {
  explicit Groups(Client& client) {
    const json::value groups = client.get("/api/bus/groups");
    for (const json::value& group : groups.as_array()) {
      lag += group.at("lag").to_number<std::int64_t>();
      for (const json::value& partition : group.at("partitions").as_array()) {
        if (partition.at("committedOffset").is_null()) continue;
        const TopicPartition tp(text_of(partition.at("topic")), partition.at("partition").to_number<std::int32_t>());
        committed.emplace_back(text_of(group.at("group")),
                               Position(tp, partition.at("committedOffset").to_number<std::int64_t>()));
      }
    }
  }
  bool operator==(const Groups&) const = default;

  std::int64_t lag = 0;
  std::vector<std::pair<std::string, Position>> committed;
};

std::optional<double> number_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_number()) return {};
  return value->to_number<double>();
}

Duration in_millis(double count) { return std::chrono::milliseconds(std::llround(count)); }

using Clients = std::vector<std::unique_ptr<Client>>;

/// The processes whose services the asked one calls (--architecture=rest).
Clients clients_elsewhere(app::CommandContext& context) {
  Clients clients;
  const std::string& token = context.request.config.token;
  const Client::Answer answer = context.client.ask(http::Method::get, "/api/services");
  if (answer.status != 200) return clients;
  const json::value services = app::body_of(answer, "GET /api/services");
  for (const json::value& service : services.as_array())
    if (const std::string_view url = text_at(service.as_object(), "url"); !url.empty())
      clients.push_back(
          std::make_unique<app::RestClient>(context.loop, std::string(url), token == "none" ? "" : token));
  return clients;
}

/// What the modules say of themselves.
struct Modules {
  void read(Client& client) {
    const json::value modules = client.get("/api/modules");
    for (const json::value& module : modules.as_array()) {
      const json::object* settings = module.at("settings").if_object();
      if (!settings) continue;
      if (module.at("kind") == "notification" && !text_at(*settings, "failMode").empty())
        terms.fail_mode = text_at(*settings, "failMode");
      if (module.at("kind") == "order" && module.at("report").is_object()) read_order(module.at("report").get_object());
      if (module.at("kind") == "fraud") read_fraud(*settings, module.at("report"));
    }
  }

  /// Where the fraud check blocks, orders are transactions.
  void read_order(const json::object& report) {
    if (!text_at(report, "onFraudDown").empty()) {
      terms.job_queue = terms.calls = true;
      terms.accept_unchecked = text_at(report, "onFraudDown") == "accept";
      const json::value* outbox = report.if_contains("outbox");
      terms.outbox = outbox && outbox->is_bool() && outbox->get_bool();
    }
    if (text_at(report, "blockOn").empty()) return;
    terms.job_queue = true;
    terms.block_on = text_at(report, "blockOn");
  }

  /// A status may be a stranger's: what is no number in it leaves the default.
  void read_fraud(const json::object& settings, const json::value& report) {
    if (const auto window = number_at(settings, "windowMs")) terms.fraud_window = in_millis(*window);
    if (const auto grace = number_at(settings, "graceMs")) terms.fraud_grace = in_millis(*grace);
    if (const auto limit = number_at(settings, "velocityLimit")) terms.velocity_limit = std::llround(*limit);
    if (const auto limit = number_at(settings, "burstLimit")) terms.burst_limit = std::llround(*limit);
    if (!text_at(settings, "blockOn").empty()) terms.block_on = text_at(settings, "blockOn");
    if (const auto limit = number_at(settings, "amountLimit")) terms.amount_limit_cents = std::llround(*limit * 100);
    const auto late = report.is_object() ? number_at(report.get_object(), "late") : std::nullopt;
    fraud_late = fraud_late || late.value_or(0) > 0;
  }

  verify::Terms terms;
  bool fraud_late = false;
};

class Verification {
 public:
  Verification(Client& client, Clients elsewhere, Modules modules)
      : client_(client),
        elsewhere_(std::move(elsewhere)),
        before_(client),
        job_queue_(modules.terms.job_queue),
        calls_(modules.terms.calls),
        verifier_(modules.terms),
        fraud_late_(modules.fraud_late) {}

  int run() {
    read_log();
    for (const auto& [group, position] : before_.committed) verifier_.committed(group, position);
    if (fraud_late_) verifier_.fraud_not_exact();
    if (!verifier_.fraud_exact() && !calls_)
      note("records came later than fraud waits: its verdicts are not compared with a replay");
    const bool settled = is_settled();
    verifier_.finish(settled);
    if (settled) compare();
    if (calls_) note_copies();
    progress_.clear();
    for (const std::string& line : notes_) fmt::print("note: {}\n", line);
    for (const verify::Violation& found : verifier_.violations()) fmt::print("{}: {}\n", found.rule, found.what);
    const std::size_t count = verifier_.violations().size();
    fmt::print("{} records, {} events: {}\n", verifier_.records(), verifier_.events(),
               count == 0 ? "all right" : fmt::format("{} violations", count));
    return count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
  }

 private:
  void note(std::string line) { notes_.push_back(std::move(line)); }

  /// What services that call each other cannot promise: it is counted.
  void note_copies() {
    if (!verifier_.gaps().empty())
      note(fmt::format("{} gaps, because a service was not told; the first: {}", verifier_.gaps().size(),
                       verifier_.gaps().front()));
    if (verifier_.lone_copies() > 0)
      note(fmt::format("the fraud service counts {} orders that were never placed", verifier_.lone_copies()));
  }

  /// What follows from `orders` is read first, so that its causes are surely there; and told last.
  void read_log() {
    std::vector<ConsumerRecord> derived;
    for (const Topic& topic : topics::table())
      if (topic.about_orders && topic.name != topics::orders)
        read_topic(topic.name, [&](ConsumerRecord record) { derived.push_back(std::move(record)); });
    read_topic(std::string(topics::orders), [&](const ConsumerRecord& record) { verifier_.record(record); });
    for (const ConsumerRecord& record : derived) verifier_.record(record);
  }

  void read_topic(const std::string& topic, const app::TakeRecord& take) {
    const app::RestLog read = app::read_log_over_rest(client_, topic, take, [&](const app::RestLog& reached) {
      progress_.show("reading " + topic, reached.next_offset, reached.end_offset);
    });
    if (read.start_offset > 0 && !read.compacted) truncated_ = true;
    if (read.compacted && read.records < read.end_offset) verifier_.status_compacted();
  }

  /// Nothing is unfinished, nothing has come since, and nothing is gone: the log tells the whole story.
  bool is_settled() {
    if (truncated_) {
      note("retention has removed the beginning of the log: what needs it is not checked");
      return false;
    }
    if (job_queue_ && has_jobs()) {
      note("jobs wait: what only a log at rest can tell is not checked");
      return false;
    }
    std::this_thread::sleep_for(report_age_max);
    if (before_.lag == 0 && Groups(client_) == before_) return true;
    note("the program is at work: what only a log at rest can tell is not checked");
    return false;
  }

  bool has_jobs() {
    for (const auto& client : elsewhere_)
      if (client->ask(http::Method::get, "/api/jobs?limit=1").status == 200) return jobs_wait(*client);
    return jobs_wait(client_);
  }

  static bool jobs_wait(Client& client) {
    const json::value jobs = client.get("/api/jobs?limit=1000");
    return std::ranges::any_of(jobs.as_array(), [](const json::value& job) { return job.at("state") != "dead"; });
  }

  void compare() {
    std::string all;
    for (std::string target = "/api/orders"; !target.empty();) {
      const Client::Answer page = client_.ask(http::Method::get, target);
      const json::value orders = app::body_of(page, "GET " + target);
      for (const json::value& order : orders.as_array()) all += (all.empty() ? "" : ",") + json::serialize(order);
      target = page.next;
    }
    verifier_.check_orders("[" + all + "]");
    const json::value stats = client_.get("/api/stats");
    if (stats.is_object()) verifier_.check_statistics(stats.get_object());
  }

  Client& client_;
  Clients elsewhere_;
  Groups before_;
  bool job_queue_;
  bool calls_;
  verify::Verifier verifier_;
  bool fraud_late_;
  bool truncated_ = false;
  std::vector<std::string> notes_;
  app::Progress progress_;
};

}  // namespace

int app::verify(CommandContext& context) {
  Clients elsewhere = clients_elsewhere(context);
  Modules modules;
  modules.read(context.client);
  for (const auto& client : elsewhere) modules.read(*client);
  return Verification(context.client, std::move(elsewhere), std::move(modules)).run();
}

}  // namespace foodorder
