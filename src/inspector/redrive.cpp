#include "redrive.hpp"

#include "base/mutex_hold.hpp"
#include "bus/partitioner.hpp"
#include "foodorder/base/yield.hpp"
#include "http/json_body.hpp"
#include "new_message.hpp"
#include "redriven_before.hpp"
#include "row.hpp"
#include "sender.hpp"
#include "trouble.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::inspector {

namespace {

/// A letter on its way.
struct Trip {
  std::int64_t offset = 0;  ///< of the letter
  std::optional<Letter> letter;
  std::optional<ProducerRecord> outgoing;
  std::optional<std::int32_t> partition;  ///< that it goes to
  std::optional<std::int64_t> written;    ///< or, of a dry run, would be
  std::int64_t count = 0;
  bool edited = false;
  std::string outcome;
  std::string why;

  void ends(std::string what, std::string reason = {}) {
    outcome = std::move(what);
    why = std::move(reason);
  }
};

json::object to_json(const Trip& trip) {
  const auto or_null = [](const auto& number) { return number ? json::value(*number) : json::value(nullptr); };
  json::object entry{{"offset", trip.offset},
                     {"key", trip.letter ? bytes_to_json(trip.letter->read.record->key()) : json::value(nullptr)},
                     {"reason", trip.letter ? trip.letter->reason : ""},
                     {"to", nullptr},
                     {"redriveCount", trip.count},
                     {"edited", trip.edited},
                     {"outcome", trip.outcome}};
  if (trip.letter && trip.letter->topic)
    entry["to"] = json::object{
        {"topic", *trip.letter->topic}, {"partition", or_null(trip.partition)}, {"offset", or_null(trip.written)}};
  if (!trip.why.empty()) entry["why"] = trip.why;
  return entry;
}

class Redrive {
 public:
  Redrive(EventBus& bus, Clock& clock) : bus_(bus), clock_(clock) {}

  Task<http::Response> post(http::Request& request) {
    json::object body;
    if (auto wrong = http::read_object(request, body)) co_return std::move(*wrong);
    Problems errors;
    const RedriveRequest asked = RedriveRequest::from_json(body, errors);
    if (!errors.empty()) co_return http::unprocessable(errors);
    // One after the other: who comes second sees what the first has sent.
    co_await redriving_.lock();
    const MutexHold hold(redriving_);
    http::Response response = co_await redrive(asked);
    co_return response;
  }

 private:
  using Trips = std::vector<Trip>;
  using Topics = std::vector<TopicDescription>;

  Task<http::Response> redrive(const RedriveRequest& asked) {
    const auto topics = co_await bus_.admin().topics();
    if (!topics) co_return trouble(topics.error());
    std::optional<std::int64_t> next;
    auto trips = co_await choose(asked, next);
    if (!trips) co_return trouble(trips.error());
    const Result<void> compared = co_await compare(*trips, asked, *topics);
    if (!compared) co_return trouble(compared.error());
    for (Trip& trip : *trips) {
      co_await yield();
      const Result<void> prepared = co_await prepare(trip, asked, *topics);
      if (!prepared) co_return trouble(prepared.error());
    }
    if (asked.dry_run)
      foresee(*trips, *topics);
    else
      co_await send(*trips);
    co_return answer(asked, *trips, next);
  }

  /// The letters that are asked for. `next` is where the next request goes on.
  Task<Result<Trips>> choose(const RedriveRequest& asked, std::optional<std::int64_t>& next) {
    Trips trips;
    for (const std::int64_t offset : asked.offsets) {
      ReadLimits limits;
      limits.records_max = 1;
      const auto page = co_await bus_.admin().read(dead_letter_partition(), offset, limits);
      if (!page) co_return page.error();
      Trip& trip = trips.emplace_back();
      trip.offset = offset;
      if (!page->records.empty() && page->records.front().position.offset == offset)
        trip.letter.emplace(page->records.front());
      else
        trip.ends("not sent", "there is no dead letter at this offset");
    }
    if (!asked.offsets.empty()) co_return trips;
    for (std::int64_t offset = asked.after;;) {
      co_await yield();
      const auto page = co_await bus_.admin().read(dead_letter_partition(), offset, ReadLimits());
      if (!page) co_return page.error();
      for (const ConsumerRecord& record : page->records) {
        Letter letter(record);
        if (asked.reason && letter.reason != *asked.reason) continue;
        if (trips.size() == RedriveRequest::letters_max) {
          next = record.position.offset;
          co_return trips;
        }
        Trip& trip = trips.emplace_back();
        trip.offset = record.position.offset;
        trip.letter.emplace(std::move(letter));
      }
      const bool no_more = page->next_offset <= offset;
      offset = page->next_offset;
      if (no_more || offset >= page->end_offset) co_return trips;
    }
  }

  /// Holds back letters that were sent before.
  Task<Result<void>> compare(Trips& trips, const RedriveRequest& asked, const Topics& topics) {
    std::vector<const Letter*> letters;
    for (const Trip& trip : trips)
      if (trip.letter) letters.push_back(&*trip.letter);
    RedrivenBefore before(bus_.admin());
    const Result<void> looked = co_await before.look_for(std::move(letters), topics);
    if (!looked) co_return looked.error();
    for (Trip& trip : trips) {
      if (!trip.letter) continue;
      trip.count = trip.letter->redrive_count + 1;
      const Position* sent = before.find(trip.offset);
      const bool confirmed = asked.is_confirmed(trip.offset);
      if (sent && (asked.offsets.empty() || !confirmed)) {
        trip.partition = sent->tp.partition;
        trip.written = sent->offset;
        if (asked.offsets.empty())
          trip.ends("already redriven");
        else
          trip.ends("asks again", "it was redriven already; confirm that it is to go once more");
      } else if (!sent && !before.knows(*trip.letter) && !confirmed) {
        trip.ends("asks again", fmt::format("topic {} got so many records since that it is not known whether it was "
                                            "redriven already; confirm that it is to go",
                                            *trip.letter->topic));
      }
    }
    co_return Result<void>();
  }

  /// Makes the record that is to be sent, or says why there is none.
  Task<Result<void>> prepare(Trip& trip, const RedriveRequest& asked, const Topics& topics) {
    if (!trip.letter || !trip.outcome.empty()) co_return Result<void>();
    const Letter& letter = *trip.letter;
    if (!letter.topic) {
      trip.ends("not sent", "the letter does not say which topic it came from");
      co_return Result<void>();
    }
    const auto topic =
        std::find_if(topics.begin(), topics.end(), [&](const auto& it) { return it.name == *letter.topic; });
    if (topic == topics.end()) {
      trip.ends("not sent", fmt::format("there is no topic {}", *letter.topic));
      co_return Result<void>();
    }
    const auto original = co_await find_original(bus_.admin(), letter);
    if (!original) co_return original.error();
    const auto edit = asked.edits.find(trip.offset);
    trip.edited = edit != asked.edits.end();
    Redriven redriven = redriven_record(letter, *original, trip.edited ? &edit->second : nullptr);
    trip.count = redriven.count;
    if (trip.count > RedriveRequest::count_max && !asked.is_confirmed(trip.offset)) {
      trip.ends("asks again", fmt::format("it came back {} times; confirm that it is to go once more", trip.count - 1));
      co_return Result<void>();
    }
    const auto partitions = static_cast<std::int32_t>(topic->partitions.size());
    if (redriven.record.key())
      trip.partition = partition_for_key(*redriven.record.key(), partitions);
    else if (letter.partition && *letter.partition < partitions)
      trip.partition = letter.partition;
    trip.outgoing.emplace(topic->name, std::move(redriven.record));
    trip.outgoing->partition = trip.partition;
    co_return Result<void>();
  }

  /// Where each would be written if nobody else writes.
  static void foresee(Trips& trips, const Topics& topics) {
    std::map<TopicPartition, std::int64_t> ends;
    for (const TopicDescription& topic : topics)
      for (const PartitionDescription& one : topic.partitions)
        ends[TopicPartition(topic.name, one.partition)] = one.end_offset;
    for (Trip& trip : trips) {
      if (!trip.outgoing) continue;
      if (trip.partition) trip.written = ends[TopicPartition(trip.outgoing->topic, *trip.partition)]++;
      trip.ends("would be sent");
    }
  }

  Task<> send(Trips& trips) {
    std::vector<Trip*> going;
    std::vector<ProducerRecord> records;
    for (Trip& trip : trips)
      if (trip.outgoing) {
        going.push_back(&trip);
        records.push_back(*trip.outgoing);
      }
    Sender sender(bus_, clock_);
    const auto results = co_await sender.send(std::move(records));
    for (std::size_t i = 0; i < going.size(); ++i) note(*going[i], results[i]);
  }

  static void note(Trip& trip, const Result<Position>& result) {
    if (!result)
      return trip.ends(result.error().code == Errc::outcome_unknown ? "unknown" : "not sent", result.error().message);
    trip.partition = result->tp.partition;
    trip.written = result->offset;
    trip.ends("sent");
  }

  static http::Response answer(const RedriveRequest& asked, const Trips& trips, std::optional<std::int64_t> next) {
    json::array records;
    const auto count = [&](std::string_view outcome) {
      return std::count_if(trips.begin(), trips.end(), [&](const Trip& trip) { return trip.outcome == outcome; });
    };
    for (const Trip& trip : trips) records.push_back(to_json(trip));
    return http::json_response(serialize_json(json::object{{"dryRun", asked.dry_run},
                                                           {"sent", count(asked.dry_run ? "would be sent" : "sent")},
                                                           {"notSent", count("not sent")},
                                                           {"unknown", count("unknown")},
                                                           {"asksAgain", count("asks again")},
                                                           {"alreadyRedriven", count("already redriven")},
                                                           {"next", next ? json::value(*next) : json::value(nullptr)},
                                                           {"records", std::move(records)}}));
  }

  EventBus& bus_;
  Clock& clock_;
  AsyncMutex redriving_;
};

}  // namespace

std::vector<http::Route> redrive_routes(EventBus& bus, Clock& clock) {
  const auto redrive = std::make_shared<Redrive>(bus, clock);
  std::vector<http::Route> routes;
  routes.emplace_back(
      http::Method::post, "/api/bus/dlq/redrive", [redrive](http::Request& request) { return redrive->post(request); },
      http::Access::control);
  routes.back().body_max_bytes = messages_max_bytes;  // for edits
  return routes;
}

}  // namespace foodorder::inspector
