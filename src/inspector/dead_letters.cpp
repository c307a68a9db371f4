#include "dead_letters.hpp"

#include "foodorder/base/yield.hpp"
#include "letters.hpp"
#include "row.hpp"
#include "trouble.hpp"

#include <algorithm>
#include <deque>
#include <map>

namespace foodorder::inspector {

namespace {

constexpr std::int64_t read_max_records = 10'000;
constexpr std::size_t reasons_max = 100;
constexpr std::size_t letters_shown_max = 500;  // of each reason
constexpr std::size_t answer_max_letters = 2'000;
constexpr std::string_view other = "other";

/// The letters of one reason.
struct Reason {
  std::string text;
  std::int64_t count = 0;
  std::deque<json::object> newest;
};

json::object to_json(const Letter& letter) {
  json::object shown{{"offset", letter.read.position.offset},
                     {"timestamp", std::string(to_iso_millis(letter.read.record->timestamp))},
                     {"key", bytes_to_json(letter.read.record->key())},
                     {"reason", letter.reason},
                     {"from", nullptr},
                     {"by", nullptr},
                     {"retryCount", nullptr},
                     {"redriveCount", letter.redrive_count}};
  if (letter.retry_count) shown["retryCount"] = *letter.retry_count;
  if (letter.by) shown["by"] = *letter.by;
  if (letter.topic) {
    json::object from{{"topic", *letter.topic}, {"partition", nullptr}, {"offset", nullptr}};
    if (letter.partition) from["partition"] = *letter.partition;
    if (letter.offset) from["offset"] = *letter.offset;
    shown["from"] = std::move(from);
  }
  return shown;
}

class DeadLetters {
 public:
  void add(const ConsumerRecord& record) {
    const Letter letter(record);
    ++read_;
    const bool full = reasons_.size() >= reasons_max && !reasons_.contains(letter.reason);
    Reason& reason = reasons_[full ? std::string(other) : letter.reason];
    ++reason.count;
    reason.newest.push_back(to_json(letter));
    if (reason.newest.size() > letters_shown_max) reason.newest.pop_front();
  }

  json::object take(std::int64_t letters) {
    std::vector<Reason> by_count;
    for (auto& [text, reason] : reasons_) {
      by_count.push_back(std::move(reason));
      by_count.back().text = text;
    }
    std::stable_sort(by_count.begin(), by_count.end(),
                     [](const Reason& a, const Reason& b) { return a.count > b.count; });
    json::array list;
    const std::size_t each = std::max<std::size_t>(1, answer_max_letters / std::max<std::size_t>(1, by_count.size()));
    for (Reason& reason : by_count) {
      while (reason.newest.size() > each) reason.newest.pop_front();
      json::array shown;
      for (json::object& letter : reason.newest) shown.push_back(std::move(letter));
      list.push_back(json::object{{"reason", reason.text}, {"count", reason.count}, {"letters", std::move(shown)}});
    }
    return {
        {"topic", dead_letter_partition().topic}, {"letters", letters}, {"read", read_}, {"reasons", std::move(list)}};
  }

 private:
  std::map<std::string, Reason> reasons_;
  std::int64_t read_ = 0;
};

Task<http::Response> get(EventBus& bus) {
  std::vector<TopicPartition> one(1, dead_letter_partition());
  const auto ends = co_await bus.admin().resolve(std::move(one), Where::end());
  if (!ends) co_return trouble(ends.error());
  const std::int64_t end = ends->front().offset;
  std::int64_t offset = std::max<std::int64_t>(0, end - read_max_records);
  DeadLetters letters;
  std::int64_t start = offset;
  while (offset < end) {
    co_await yield();
    const auto page = co_await bus.admin().read(dead_letter_partition(), offset, ReadLimits());
    if (!page) co_return trouble(page.error());
    start = page->start_offset;
    WorkPiece piece;
    for (const ConsumerRecord& record : page->records) {
      if (piece.add(size_in_bytes(*record.record))) co_await yield();
      letters.add(record);
    }
    if (page->next_offset <= offset) break;
    offset = page->next_offset;
  }
  co_return http::json_response(serialize_json(letters.take(end - std::min(start, end))));
}

}  // namespace

std::vector<http::Route> dead_letter_routes(EventBus& bus) {
  std::vector<http::Route> routes;
  routes.emplace_back(http::Method::get, "/api/bus/dlq", [&bus](http::Request&) { return get(bus); });
  return routes;
}

}  // namespace foodorder::inspector
