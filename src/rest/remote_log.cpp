#include "remote_log.hpp"

#include "inspector/read_message.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::rest {

namespace {

constexpr std::size_t page_max_records = 200;
constexpr std::size_t page_max_bytes = 32 << 20;
constexpr Duration answer_max = std::chrono::seconds(1);
constexpr Duration silence = std::chrono::seconds(1);
constexpr Duration look_interval = std::chrono::milliseconds(50);

/// Where `page` has it for the one partition: nothing for an empty list.
std::optional<std::int64_t> offset_in(const json::value& page, const char* list) {
  const json::array& partitions = page.at(list).as_array();
  if (partitions.empty()) return {};
  return partitions.front().at("offset").to_number<std::int64_t>();
}

ReadPage page_of(const json::value& body) {
  ReadPage page;
  for (const json::value& message : body.at("messages").as_array())
    page.records.push_back(inspector::record_from(message));
  std::ranges::sort(page.records, {}, [](const ConsumerRecord& record) { return record.position.offset; });
  page.end_offset = offset_in(body, "end").value_or(0);
  page.next_offset = offset_in(body, "next").value_or(page.end_offset);
  return page;
}

TopicDescription description_of(std::string topic, const json::value& body) {
  TopicDescription described;
  described.name = std::move(topic);
  for (const json::value& shown : body.at("partitions").as_array()) {
    PartitionDescription& partition = described.partitions.emplace_back();
    partition.start_offset = shown.at("startOffset").to_number<std::int64_t>();
    partition.end_offset = shown.at("endOffset").to_number<std::int64_t>();
    partition.records = shown.at("records").to_number<std::int64_t>();
    partition.size_bytes = shown.at("sizeBytes").to_number<std::int64_t>();
  }
  return described;
}

/// Nothing if `read` finds in the answer what it does not know.
template <class Read>
auto read_answer(const json::value& answer, Read read) -> Result<decltype(read(answer))> {
  try {
    return read(answer);
  } catch (const std::exception& error) {  // Boost.JSON's, of a member that is missing or of another type
    return Error(Errc::unavailable, fmt::format("no answer of a foodorder: {}", error.what()));
  }
}

}  // namespace

RemoteLog::RemoteLog(std::unique_ptr<http::Client> client, Clock& clock, std::string topic, std::string url,
                     std::shared_ptr<database::Signals> signals)
    : client_(std::move(client)),
      clock_(clock),
      topic_(std::move(topic)),
      url_(std::move(url)),
      signals_(std::move(signals)),
      asking_(fmt::format("{} at {}", topic_, url_)) {
  described_.name = topic_;
  described_.partitions.emplace_back();
}

Task<Result<json::value>> RemoteLog::ask(std::string path) {
  http::ClientRequest request(http::Method::get, std::move(path));
  request.answer_max_bytes = page_max_bytes;
  auto answer = co_await client_->exchange(std::move(request), clock_.now() + answer_max);
  if (answer && answer->status != 200)
    answer = Error(Errc::unavailable, fmt::format("{} answered {}", url_, answer->status));
  auto body = answer ? parse_json(answer->body) : Result<json::value>(answer.error());
  if (body) {
    asking_.worked();
    silent_until_ = {};
    co_return body;
  }
  asking_.failed(body.error());
  silent_until_ = clock_.now() + silence;
  co_return Error(Errc::unavailable, body.error().message);
}

Task<Result<ReadPage>> RemoteLog::fetch(std::string from, std::size_t records_max) {
  const auto body = co_await ask(fmt::format("/api/bus/topics/{}/messages?partition=0&from={}&limit={}&allHeaders=1",
                                             topic_, from, std::clamp<std::size_t>(records_max, 1, page_max_records)));
  if (!body) co_return body.error();
  auto page = read_answer(*body, page_of);
  if (!page) co_return page.error();
  end_ = page->end_offset;
  seen_ = clock_.now();
  co_return page;
}

Task<Result<database::TableLog::Rows>> RemoteLog::read_rows(std::int64_t from, std::size_t rows_max) {
  Rows rows;
  rows.next = from;
  const Timestamp now = clock_.now();
  const bool was_at_end = seen_ && from >= end_ && now < *seen_ + look_interval;
  if (was_at_end || now < silent_until_) co_return rows;
  auto page = co_await fetch(std::to_string(from), rows_max);
  if (!page) co_return rows;
  rows.records = std::move(page->records);
  rows.next = std::max(from, page->next_offset);
  co_return rows;
}

Task<Result<ReadPage>> RemoteLog::read(TopicPartition partition, std::int64_t offset, ReadLimits limits) {
  if (partition.topic != topic_ || partition.partition != 0)
    co_return Error(Errc::not_found, fmt::format("no partition {}-{}", partition.topic, partition.partition));
  auto page = co_await fetch(std::to_string(std::max<std::int64_t>(offset, 0)), limits.records_max);
  co_return page;
}

Task<Result<std::int64_t>> RemoteLog::end() {
  if (clock_.now() >= silent_until_) co_await fetch(std::to_string(end_), 1);
  co_return end_;
}

Task<Result<std::int64_t>> RemoteLog::offset_at(Timestamp time) {
  const auto page = co_await fetch(std::to_string(to_unix_millis(time)), 1);
  if (!page) co_return page.error();
  co_return page->records.empty() ? page->end_offset : page->records.front().position.offset;
}

Task<Result<std::vector<TopicDescription>>> RemoteLog::describe() {
  if (clock_.now() >= silent_until_) {
    const auto body = co_await ask("/api/bus/topics/" + topic_);
    const auto read = [this](const json::value& answer) { return description_of(topic_, answer); };
    if (body)
      if (auto described = read_answer(*body, read)) described_ = std::move(*described);
  }
  co_return std::vector<TopicDescription>(1, described_);
}

}  // namespace foodorder::rest
