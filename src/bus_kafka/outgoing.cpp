#include "outgoing.hpp"

#include "client.hpp"
#include "errors.hpp"

#include <fmt/format.h>

namespace foodorder::kafka {

namespace {

constexpr Duration batch_wait_max = std::chrono::milliseconds(20);

HeaderList to_list(const Headers& headers) {
  HeaderList list(rd_kafka_headers_new(headers.size()));
  for (const Header& header : headers) {
    const auto name_size = static_cast<ssize_t>(header.name.size());
    // A null pointer is a null value; the empty string has an address.
    const void* value = header.value ? header.value->view().data() : nullptr;
    const auto value_size = header.value ? static_cast<ssize_t>(header.value->size()) : 0;
    rd_kafka_header_add(list.get(), header.name.data(), name_size, value, value_size);
  }
  return list;
}

Result<Position> result_of(const rd_kafka_message_t& report, const std::string& topic) {
  if (report.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const bool denied = report.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    Error error =
        error_of(report.err, fmt::format("a record for {}", topic),
                 denied ? "the broker denies it: this user needs the permission WRITE on the topic" : nullptr);
    if (error.code == Errc::unavailable && rd_kafka_message_status(&report) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED)
      error.code = Errc::outcome_unknown;
    return error;
  }
  // Written at an earlier try whose answer was lost, and the broker has forgotten where.
  if (report.offset < 0)
    return Error(Errc::outcome_unknown, fmt::format("a record for {}: written, but its offset is not known", topic));
  return Position(TopicPartition(topic, report.partition), report.offset);
}

}  // namespace

Outgoing::TopicQueue& Outgoing::queue_of(const std::string& topic) {
  return queues_.try_emplace(topic, topic).first->second;
}

void Outgoing::add(std::shared_ptr<DeliveryReports> to, std::size_t index, const ProducerRecord& record) {
  if (unused_.empty()) unused_.push_back(&in_flight_.emplace_back());
  InFlight* entry = unused_.back();
  unused_.pop_back();
  entry->to = std::move(to);
  entry->index = index;
  entry->queue = &queue_of(record.topic);
  entry->record = record.record;
  entry->headers = to_list(record.record->headers);
  entry->partition = record.partition;
  entry->queue->waiting.push_back(entry);
  launch_soon();
}

/// After what is ready to run now: it may send, too.
void Outgoing::launch_soon() {
  if (std::exchange(launching_soon_, true)) return;
  asio::post(client_.executor(), [weak = client_.weak_from_this(), this] {
    const auto alive = weak.lock();
    if (!alive || stopped_) return;
    launching_soon_ = false;
    launch_all(false);
  });
}

void Outgoing::launch_all(bool overdue) {
  bool any_waits = false;
  for (auto& [topic, queue] : queues_) {
    if (overdue || queue.in_flight == 0) launch(queue);
    any_waits = any_waits || !queue.waiting.empty();
  }
  if (!any_waits || overdue_timer_ != 0) return;
  overdue_timer_ =
      client_.clock().call_at(client_.clock().now() + batch_wait_max, [weak = client_.weak_from_this(), this] {
        const auto alive = weak.lock();
        if (!alive || stopped_) return;
        overdue_timer_ = 0;
        launch_all(true);
      });
}

void Outgoing::launch(TopicQueue& queue) {
  batch_.clear();
  batch_.swap(queue.waiting);
  for (InFlight* entry : batch_) {
    const auto taken = produce(*entry);
    if (taken)
      ++queue.in_flight;
    else
      settle(*entry, taken.error());
  }
}

Result<void> Outgoing::produce(InFlight& entry) {
  const std::string& topic = entry.queue->topic;
  if (client_.broker_watch().known_down()) return Error(Errc::unavailable, *client_.trouble());
  if (client_.mock() && !client_.mock()->knows(topic)) return Error(Errc::not_found, fmt::format("no topic {}", topic));
  // Not written, and the record lives until its report: no need for a copy.
  const auto bytes = [](const Record::Bytes& text) -> void* {
    return text ? const_cast<char*>(text->data()) : nullptr;
  };
  const auto size = [](const Record::Bytes& text) { return text ? text->size() : 0; };
  const Record& what = *entry.record;
  const std::int64_t millis = what.timestamp == Timestamp() ? 0 : to_unix_millis(what.timestamp);
  const auto error = rd_kafka_producev(
      client_.producer().get(), RD_KAFKA_V_RKT(client_.shared_producer().topic(topic)),
      RD_KAFKA_V_PARTITION(entry.partition.value_or(RD_KAFKA_PARTITION_UA)), RD_KAFKA_V_MSGFLAGS(0),
      RD_KAFKA_V_KEY(bytes(what.key()), size(what.key())), RD_KAFKA_V_VALUE(bytes(what.value()), size(what.value())),
      RD_KAFKA_V_TIMESTAMP(millis), RD_KAFKA_V_HEADERS(entry.headers.get()), RD_KAFKA_V_OPAQUE(&entry), RD_KAFKA_V_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    static_cast<void>(entry.headers.release());  // they are the message's now
    return {};
  }
  return error_of(error, fmt::format("a record for {}", topic));
}

void Outgoing::report(const rd_kafka_message_t& message) {
  auto& entry = *static_cast<InFlight*>(message._private);
  TopicQueue& queue = *entry.queue;
  --queue.in_flight;
  Result<Position> result = result_of(message, queue.topic);
  if (result) client_.recent_records().put(*result, entry.record);
  settle(entry, std::move(result));
  if (queue.in_flight == 0 && !queue.waiting.empty()) launch_soon();
}

void Outgoing::settle(InFlight& entry, Result<Position> result) {
  entry.record.reset();
  entry.headers.reset();
  const auto to = std::move(entry.to);
  to->settle(entry.index, std::move(result));
  unused_.push_back(&entry);
}

void Outgoing::stop() {
  stopped_ = true;
  if (overdue_timer_ != 0) client_.clock().cancel(overdue_timer_);
  for (InFlight& entry : in_flight_) entry.to.reset();
}

}  // namespace foodorder::kafka
