#include "foodorder/runtime/delivery.hpp"

#include "foodorder/base/concat.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

namespace foodorder {

namespace {

constexpr Duration resend_delay_min = std::chrono::milliseconds(50);
constexpr Duration resend_delay_max = std::chrono::seconds(2);

/// A letter carries more headers than what it came from: too large, it still says where its record is.
void shorten(ProducerRecord& letter) {
  const Record& refused = *letter.record;
  Record shorter(refused.value() ? refused.key() : std::nullopt, std::nullopt, refused.headers);
  shorter.timestamp = refused.timestamp;
  if (const auto reason = find_header(refused.headers, headers::dlt_exception_message))
    shorter.headers.replace(
        headers::dlt_exception_message,
        concat(*reason, refused.value() ? "; too large for a letter: its value is left out" : ", and its key"));
  letter.record = std::make_shared<const Record>(std::move(shorter));
}

}  // namespace

ProducerRecord dead_letter_for(const ProducerRecord& refused, const Error& error) {
  Record letter = *refused.record;
  add_origin(letter.headers, TopicPartition(refused.topic, 0), {}, error.message);
  return ProducerRecord(std::string(topics::orders_dlq), std::move(letter));
}

bool is_refused_for_good(const Error& error) noexcept {
  return error.code == Errc::too_large || error.code == Errc::invalid_argument || error.code == Errc::unsupported;
}

bool can_be_shortened(const ProducerRecord& record) noexcept {
  return record.topic == topics::orders_dlq && (record.record->value() || record.record->key());
}

void add_origin(Headers& headers, const TopicPartition& topic, std::optional<std::int64_t> offset,
                std::string_view reason) {
  headers.add(headers::dlt_original_topic, topic.topic);
  if (offset) {
    headers.add(headers::dlt_original_partition, topic.partition);
    headers.add(headers::dlt_original_offset, *offset);
  }
  headers.add(headers::dlt_exception_message, reason);
}

Task<Delivery> deliver(Producer& producer, Clock& clock, const Output& records) {
  Delivery delivery;
  delivery.refused.resize(records.size());
  std::map<std::size_t, ProducerRecord> shorter;    // letters, by their place
  std::vector<std::size_t> places(records.size());  // of what is still to be sent
  std::iota(places.begin(), places.end(), std::size_t{0});
  Duration delay = resend_delay_min;
  while (!places.empty()) {
    Output batch;
    batch.reserve(places.size());
    for (const std::size_t place : places) {
      const auto found = shorter.find(place);
      batch.push_back(found == shorter.end() ? records[place] : found->second);
    }
    const auto results = co_await producer.send_all(std::move(batch));
    std::vector<std::size_t> again;
    bool wait = false;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i]) continue;
      const Error& error = results[i].error();
      delivery.closed = delivery.closed || error.code == Errc::closed;
      if (!is_refused_for_good(error)) {
        wait = true;
        again.push_back(places[i]);
        continue;
      }
      ProducerRecord& letter = shorter.try_emplace(places[i], records[places[i]]).first->second;
      if (error.code == Errc::too_large && can_be_shortened(letter)) {
        shorten(letter);
        again.push_back(places[i]);
      } else {
        delivery.refused[places[i]] = error;
      }
    }
    if (delivery.closed) co_return delivery;
    places = std::move(again);
    if (!wait) continue;
    co_await sleep_for(clock, delay);
    delay = std::min(delay * 2, resend_delay_max);
  }
  co_return delivery;
}

Task<bool> send_until_acknowledged(Producer& producer, Clock& clock, Output records) {
  const Delivery delivery = co_await deliver(producer, clock, records);
  if (delivery.closed) co_return false;
  Output letters;
  for (std::size_t i = 0; i < records.size(); ++i)
    if (delivery.refused[i] && records[i].topic != topics::orders_dlq)
      letters.push_back(dead_letter_for(records[i], *delivery.refused[i]));
  if (letters.empty()) co_return true;
  const Delivery told = co_await deliver(producer, clock, letters);
  co_return !told.closed;
}

}  // namespace foodorder
