#include "messages.hpp"

#include "latest_index.hpp"
#include "message_query.hpp"
#include "message_scan.hpp"
#include "message_stream.hpp"
#include "topic_reader.hpp"
#include "trouble.hpp"
#include "turns.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::inspector {

namespace {

using Shape = MessageQuery::Shape;

// The records of one answer, whose JSON is some times larger; `next` and `previous` continue.
constexpr std::size_t answer_max_bytes = 4 << 20;

json::object cursor(std::int32_t partition, std::int64_t offset) {
  return {{"partition", partition}, {"offset", offset}};
}

/// A page as it is put together.
struct Page {
  std::vector<Row> rows;
  json::array next;
  json::array previous;
  json::array ends;
  json::array notes;
  std::size_t read = 0;

  void add_note(std::int32_t partition, const std::string& text) {
    notes.push_back(json::object{{"partition", partition}, {"text", text}});
  }
  void add(const PartitionDescription& partition, Found found, const MessageQuery& query) {
    rows.insert(rows.end(), std::make_move_iterator(found.rows.begin()), std::make_move_iterator(found.rows.end()));
    if (found.next) next.push_back(cursor(partition.partition, *found.next));
    if (found.previous) previous.push_back(cursor(partition.partition, *found.previous));
    ends.push_back(cursor(partition.partition, std::max(found.end, partition.end_offset)));
    read += found.read;
    if (found.gone_to && query.from.kind == Where::Kind::offset)
      add_note(partition.partition, fmt::format("offsets {} to {} are gone: retention has removed them",
                                                query.from.value, *found.gone_to - 1));
  }
};

Task<http::Response> answer(Page& page, const MessageQuery& query) {
  const auto by_time = [](const Row& a, const Row& b) {
    return std::pair(a.read.record->timestamp, a.read.position) < std::pair(b.read.record->timestamp, b.read.position);
  };
  std::sort(page.rows.begin(), page.rows.end(), by_time);
  JsonObject body;
  TextBuffer& list = body.begin("messages");
  list += '[';
  WorkPiece piece;
  std::size_t unjudged = 0;
  for (const Row& row : page.rows) {
    const std::size_t bytes = size_in_bytes(*row.read.record);
    if (piece.add(bytes)) co_await yield_for(bytes);
    if (list.back() != '[') list += ',';
    list += to_json(row, query);
    unjudged += row.unjudged ? 1 : 0;
  }
  list += ']';
  body.add_raw("next", serialize_json(page.next)).add_raw("previous", serialize_json(page.previous));
  body.add_raw("end", serialize_json(page.ends)).add("read", page.read).add("unjudged", unjudged);
  body.add_raw("notes", serialize_json(page.notes));
  co_return http::json_response(body.take());
}

class Messages {
 public:
  Messages(EventBus& bus, Clock& clock) : bus_(bus), clock_(clock) {}

  Task<http::Response> get(http::Request& request) {
    auto topic = co_await describe_topic(bus_, std::string(request.path_parameter("topic")));
    if (!topic) co_return trouble(topic.error());
    Problems errors;
    MessageQuery query =
        MessageQuery::from_request(request, static_cast<std::int32_t>(topic->partitions.size()), errors);
    if (!errors.empty()) co_return http::unprocessable("", "the query has values that are not allowed", errors);
    if (query.shape == Shape::page && query.latest_per_key) {
      http::Response response = co_await latest_page(*topic, query);
      co_return response;
    }
    if (query.shape == Shape::page) {
      http::Response response = co_await page(*topic, query);
      co_return response;
    }
    co_return stream(std::move(*topic), std::move(query));
  }

 private:
  http::Response stream(TopicDescription topic, MessageQuery query) {
    if (slots_->open >= StreamSlots::most) return too_many();
    const bool csv = query.shape == Shape::export_csv;
    http::Response response(200, csv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson", "");
    if (csv || query.shape == Shape::export_ndjson)
      response.headers.emplace_back("Content-Disposition",
                                    fmt::format("attachment; filename=\"{}.{}\"", topic.name, csv ? "csv" : "ndjson"));
    response.stream = make_message_stream(slots_, bus_.admin(), clock_, std::move(topic), std::move(query));
    return response;
  }

  static http::Response too_many() {
    return http::unavailable("", fmt::format("{} streams of messages are open, the most that this server gives at the "
                                             "same time",
                                             StreamSlots::most));
  }

  Task<http::Response> page(const TopicDescription& topic, const MessageQuery& query) {
    Page page;
    const std::size_t partitions = query.partition ? 1 : topic.partitions.size();
    for (const PartitionDescription& partition : topic.partitions) {
      if (query.partition && *query.partition != partition.partition) continue;
      const TopicPartition tp(topic.name, partition.partition);
      Result<Found> found = co_await read_partition(tp, partition, query, answer_max_bytes / partitions);
      if (!found) co_return trouble(found.error());
      page.add(partition, std::move(*found), query);
    }
    http::Response response = co_await answer(page, query);
    co_return response;
  }

  Task<Result<Found>> read_partition(const TopicPartition& tp, const PartitionDescription& partition,
                                     const MessageQuery& query, std::size_t bytes_max) {
    MessageScan scan(bus_.admin(), tp, query, bytes_max);
    if (query.newest) {
      const std::int64_t end = std::min(query.before.value_or(partition.end_offset), partition.end_offset);
      Result<Found> found = co_await scan.before(end, partition.start_offset);
      co_return found;
    }
    std::vector<TopicPartition> one(1, tp);
    const auto resolved = co_await bus_.admin().resolve(std::move(one), query.from);
    if (!resolved) co_return resolved.error();
    std::int64_t begin = resolved->front().offset;
    if (query.from.kind == Where::Kind::offset) begin = std::min(query.from.value, begin);
    Result<Found> found = co_await scan.from(begin);
    co_return found;
  }

  /// Rows that fit into one answer.
  struct Latest {
    std::deque<Row> rows;
    std::size_t bytes = 0;
  };

  /// The newest (or the first) `limit` of the latest records of all keys.
  Task<http::Response> latest_page(const TopicDescription& topic, const MessageQuery& query) {
    if (slots_->open >= StreamSlots::most) co_return too_many();
    const StreamSlot slot(slots_);
    std::vector<Range> ranges;
    Page page;
    for (const PartitionDescription& one : topic.partitions) {
      if (query.partition && *query.partition != one.partition) continue;
      const std::int64_t end = std::min(query.before.value_or(one.end_offset), one.end_offset);
      ranges.push_back({one.partition, one.start_offset, std::max(one.start_offset, end)});
      page.ends.push_back(cursor(one.partition, one.end_offset));
    }
    TopicReader reader(bus_.admin(), topic.name, query.isolation, ranges);
    LatestIndex index;
    for (const bool indexed : {false, true}) {
      Latest latest;
      while (reader.must_fill() || !reader.at_end()) {
        if (reader.must_fill()) {
          const Result<void> filled = co_await reader.fill();
          if (!filled) co_return trouble(filled.error());
          continue;
        }
        Row row = reader.take();
        if (row.is_marker()) continue;
        if (!indexed && !index.add(row.read)) co_return too_many_keys();
        if (indexed) keep_latest(latest, std::move(row), index, query);
      }
      page.read = static_cast<std::size_t>(reader.total());
      page.rows.assign(std::make_move_iterator(latest.rows.begin()), std::make_move_iterator(latest.rows.end()));
      reader.rewind();
    }
    http::Response response = co_await answer(page, query);
    co_return response;
  }

  static void keep_latest(Latest& latest, Row row, const LatestIndex& index, const MessageQuery& query) {
    row.older = index.older(row.read);
    if (!row.older || !select(query, row)) return;
    const auto full = [&] { return latest.rows.size() > query.limit || latest.bytes > answer_max_bytes; };
    latest.bytes += size_in_bytes(*row.read.record);
    latest.rows.push_back(std::move(row));
    while (full() && latest.rows.size() > 1) {
      const Row& gone = query.newest ? latest.rows.front() : latest.rows.back();
      latest.bytes -= size_in_bytes(*gone.read.record);
      query.newest ? latest.rows.pop_front() : latest.rows.pop_back();
    }
  }

  static http::Response too_many_keys() {
    return http::unprocessable(
        "", fmt::format("there are more than {} keys: choose one partition", LatestIndex::keys_max), {});
  }

  EventBus& bus_;
  Clock& clock_;
  const std::shared_ptr<StreamSlots> slots_ = std::make_shared<StreamSlots>();
};

}  // namespace

Task<Result<TopicDescription>> describe_topic(EventBus& bus, std::string name) {
  auto described = co_await bus.admin().topics();
  if (!described) co_return described.error();
  for (TopicDescription& topic : *described)
    if (topic.name == name) co_return std::move(topic);
  co_return Error(Errc::not_found, fmt::format("there is no topic {}", name));
}

std::vector<http::Route> message_routes(EventBus& bus, Clock& clock) {
  const auto messages = std::make_shared<Messages>(bus, clock);
  std::vector<http::Route> routes;
  routes.emplace_back(http::Method::get, "/api/bus/topics/{topic}/messages",
                      [messages](http::Request& request) { return messages->get(request); });
  return routes;
}

}  // namespace foodorder::inspector
