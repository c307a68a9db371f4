#include "groups.hpp"

#include "bus_json.hpp"
#include "foodorder/base/wait.hpp"
#include "lag_history.hpp"
#include "message_query.hpp"
#include "trouble.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

namespace foodorder::inspector {

namespace {

constexpr Duration look_interval = std::chrono::seconds(1);
constexpr Duration shared_for = std::chrono::milliseconds(500);
constexpr Duration sign_interval = std::chrono::seconds(5);
constexpr std::size_t ages_max = 64;  // records that one look reads to learn how old they are

/// The groups at one moment.
struct Look {
  Timestamp at{};
  std::vector<GroupDescription> groups;
  std::map<Position, Timestamp> oldest_unread;  ///< when the record was written that a group has to read next
};

json::array to_json(const LagHistory::Samples& samples) {
  json::array list;
  for (const LagSample& sample : samples)
    list.push_back(json::object{{"at", std::string(to_iso_millis(sample.at))}, {"lag", sample.lag}});
  return list;
}

/// 0 without lag; nothing where it is not known.
std::optional<double> age_of(const GroupPartition& partition, const Look& look) {
  if (partition.lag == 0) return 0;
  if (!partition.committed) return {};
  const auto written = look.oldest_unread.find(Position(partition.tp, *partition.committed));
  if (written == look.oldest_unread.end()) return {};
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(look.at - written->second);
  return std::max(0.0, std::chrono::duration<double>(millis).count());
}

json::value or_null(std::optional<double> number) { return number ? json::value(*number) : json::value(nullptr); }

json::value owner_of(const GroupDescription& group, const TopicPartition& tp) {
  for (const MemberDescription& member : group.members)
    if (std::find(member.assignment.begin(), member.assignment.end(), tp) != member.assignment.end())
      return json::value(member.client_id);
  return nullptr;
}

json::object to_json(const GroupDescription& group, const Look& look, const LagHistory& history, bool with_samples) {
  json::object shown = inspector::to_json(group);
  double oldest = 0;
  bool known = true;
  json::array& partitions = shown["partitions"].as_array();
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const GroupPartition& partition = group.partitions[i];
    json::object& entry = partitions[i].as_object();
    const std::optional<double> age = age_of(partition, look);
    known = known && age;
    oldest = std::max(oldest, age.value_or(0));
    const LagHistory::Samples& samples = history.of(group.group, partition.tp);
    entry["owner"] = owner_of(group, partition.tp);
    entry["lagSeconds"] = or_null(age);
    entry["trend"] = trend_of(samples);
    if (with_samples) entry["samples"] = to_json(samples);
  }
  const LagHistory::Samples& samples = history.of(group.group);
  shown["lagSeconds"] = or_null(known ? std::optional(oldest) : std::nullopt);
  shown["trend"] = trend_of(samples);
  if (with_samples) shown["samples"] = to_json(samples);
  return shown;
}

/// Looks at the groups for all who want to see them.
class GroupWatch {
 public:
  GroupWatch(EventBus& bus, Clock& clock) : bus_(bus), clock_(clock) {}

  [[nodiscard]] Clock& clock() const noexcept { return clock_; }
  [[nodiscard]] const LagHistory& history() const noexcept { return history_; }

  /// What is seen now.
  Task<Result<std::shared_ptr<const Look>>> look() {
    auto groups = co_await bus_.admin().groups();
    if (!groups) co_return groups.error();
    auto look = std::make_shared<Look>();
    look->groups = std::move(*groups);
    look->at = clock_.now();
    history_.add(look->groups, look->at);
    co_await find_ages(*look);
    last_ = look;
    co_return std::shared_ptr<const Look>(std::move(look));
  }

  /// For those who look again and again: what one of them has seen a moment ago is good for the others.
  Task<Result<std::shared_ptr<const Look>>> shared_look() {
    co_await looking_.lock();
    Result<std::shared_ptr<const Look>> result = last_;
    if (!last_ || clock_.now() >= last_->at + shared_for) result = co_await look();
    looking_.unlock();
    co_return result;
  }

 private:
  Task<> find_ages(Look& look) {
    const std::shared_ptr<const Look> before = last_;
    for (const GroupDescription& group : look.groups)
      for (const GroupPartition& partition : group.partitions) {
        if (partition.lag == 0 || !partition.committed || look.oldest_unread.size() >= ages_max) continue;
        const Position next(partition.tp, *partition.committed);
        if (look.oldest_unread.contains(next)) continue;
        if (before && before->oldest_unread.contains(next)) {
          look.oldest_unread.emplace(next, before->oldest_unread.at(next));
          continue;
        }
        ReadLimits limits;
        limits.records_max = 1;
        const auto page = co_await bus_.admin().read(next.tp, next.offset, limits);
        if (page && !page->records.empty()) look.oldest_unread.emplace(next, page->records.front().record->timestamp);
      }
  }

  EventBus& bus_;
  Clock& clock_;
  LagHistory history_;
  std::shared_ptr<const Look> last_;
  AsyncMutex looking_;
};

std::string list_of(const Look& look, const LagHistory& history, bool with_samples) {
  json::array list;
  for (const GroupDescription& group : look.groups) list.push_back(to_json(group, look, history, with_samples));
  return serialize_json(list);
}

/// A line at once, then each second in which something has changed.
class GroupStream final : public http::BodyStream {
 public:
  explicit GroupStream(std::shared_ptr<GroupWatch> watch) : watch_(std::move(watch)) {}

  Task<std::vector<http::Chunk>> next() override {
    std::vector<http::Chunk> chunks;
    while (!closed_ && chunks.empty()) {
      Clock& clock = watch_->clock();
      if (begun_) co_await closing_.wait_until(clock, clock.now() + look_interval, &waiter_);
      if (closed_) break;
      std::string line = co_await next_line();
      if (!line.empty()) chunks.push_back(http::make_chunk(std::move(line)));
    }
    co_return chunks;
  }

  void close() override {
    closed_ = true;
    waiter_.complete(Wake{});
  }

 private:
  /// Empty where there is nothing to say.
  Task<std::string> next_line() {
    const auto look = co_await watch_->shared_look();
    const Timestamp now = watch_->clock().now();
    const bool first = !std::exchange(begun_, true);
    const std::string what = look ? list_of(**look, watch_->history(), false) : trouble(look.error()).body;
    if (what == last_ && now < said_ + sign_interval) co_return "";
    JsonObject line;
    line.add("at", now);
    if (what != last_ && look) line.add_raw("groups", first ? list_of(**look, watch_->history(), true) : what);
    if (what != last_ && !look) line.add_raw("problem", what);
    last_ = what;
    said_ = now;
    co_return line.take() + "\n";
  }

  const std::shared_ptr<GroupWatch> watch_;
  std::string last_;
  Timestamp said_{};
  bool begun_ = false;
  bool closed_ = false;
  Condition closing_;
  Waiter<Wake> waiter_;
};

Task<http::Response> all(std::shared_ptr<GroupWatch> watch, const http::Request& request) {
  Problems errors;
  const bool live = read_flag(request, "live", errors);
  if (!errors.empty()) co_return http::unprocessable("", "the query has values that are not allowed", errors);
  if (live) {
    http::Response response(200, "application/x-ndjson", "");
    response.stream = std::make_unique<GroupStream>(std::move(watch));
    co_return response;
  }
  const auto look = co_await watch->look();
  if (!look) co_return trouble(look.error());
  co_return http::json_response(list_of(**look, watch->history(), true));
}

Task<http::Response> one(std::shared_ptr<GroupWatch> watch, const http::Request& request) {
  const std::string name(request.path_parameter("group"));
  const auto look = co_await watch->look();
  if (!look) co_return trouble(look.error());
  for (const GroupDescription& group : (*look)->groups)
    if (group.group == name)
      co_return http::json_response(serialize_json(to_json(group, **look, watch->history(), true)));
  co_return not_found("group", name);
}

}  // namespace

std::vector<http::Route> group_routes(EventBus& bus, Clock& clock) {
  const auto watch = std::make_shared<GroupWatch>(bus, clock);
  std::vector<http::Route> routes;
  routes.emplace_back(http::Method::get, "/api/bus/groups",
                      [watch](http::Request& request) { return all(watch, request); });
  routes.emplace_back(http::Method::get, "/api/bus/groups/{group}",
                      [watch](http::Request& request) { return one(watch, request); });
  return routes;
}

}  // namespace foodorder::inspector
