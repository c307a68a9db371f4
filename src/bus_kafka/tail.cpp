#include "tail.hpp"

#include "fetcher.hpp"
#include "to_record.hpp"

#include <algorithm>
#include <set>

namespace foodorder::kafka {

namespace {

constexpr const char* client_id = "foodorder-tail";
constexpr std::size_t recent_max_records = 4'096;
constexpr std::size_t recent_max_bytes = 4 << 20;
/// So many records it takes in one turn of the loop.
constexpr std::size_t read_max_records = 1'024;
/// A reader that is farther ahead than this does not wait for the tail: it had been left alone for a time.
constexpr std::int64_t behind_max = 1'000;

}  // namespace

Tail::Tail(Client& client) : client_(client) {}
Tail::~Tail() = default;

void Tail::stop() {
  stopped_ = true;
  fetcher_.reset();
}

Tail::Cursor Tail::cursor(const TopicPartition& tp, std::int64_t end, std::function<void()> grown) {
  std::shared_ptr<Log>& log = logs_[tp];
  if (!log || (log->readers.empty() && !stopped_)) {
    log = std::make_shared<Log>();
    log->start = log->end = end;
    if (stopped_) return Cursor(shared_from_this(), tp, log, std::move(grown));
    if (!fetcher_)
      fetcher_ = std::make_unique<Fetcher>(client_, client_id, client_.settings().tail(client_id), [this] { read(); });
    fetcher_->start(Position(tp, end));
  }
  return Cursor(shared_from_this(), tp, log, std::move(grown));
}

Tail::Log* Tail::find(const TopicPartition& tp) {
  const auto found = logs_.find(tp);
  return found == logs_.end() || found->second->readers.empty() ? nullptr : found->second.get();
}

void Tail::replace(const std::string& topic) {
  if (stopped_) return;
  std::erase_if(logs_, [&](const auto& entry) {
    if (entry.first.topic != topic) return false;
    if (fetcher_) fetcher_->stop(entry.first);
    return true;
  });
}

void Tail::leave(const TopicPartition& tp, Log& log, const std::function<void()>* reader) {
  std::erase(log.readers, reader);
  if (!log.readers.empty() || stopped_) return;
  // Another log may have taken its place.
  const auto current = logs_.find(tp);
  if (current == logs_.end() || current->second.get() != &log) return;
  log.recent.clear();
  fetcher_->stop(tp);
}

void Tail::read() {
  const std::size_t taken = take(read_max_records);
  std::set<Log*> grown;
  for (ConsumerRecord& record : batch_.records) {
    Log* log = find(record.position.tp);
    if (!log || record.position.offset < log->end) continue;
    append(*log, std::move(record));
    grown.insert(log);
  }
  for (const Position& end : batch_.ends) {
    Log* log = find(end.tp);
    if (!log || end.offset <= log->end) continue;
    log->end = end.offset;
    grown.insert(log);
  }
  for (const Log* log : grown)
    for (const auto* reader : log->readers) (*reader)();
  if (taken < read_max_records) return;
  // Nothing tells of what was left.
  asio::post(client_.executor(), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && !self->stopped_) self->read();
  });
}

/// Into the batch; gives how many messages they were.
std::size_t Tail::take(std::size_t most) {
  batch_.clear();
  const Messages messages = fetcher_->take(most);
  for (const Message& message : messages) {
    Position position = position_of(*message);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      batch_.ends.push_back(std::move(position));
      continue;
    }
    auto record = client_.recent_records().get(position, *message);
    batch_.records.emplace_back(std::move(position), std::move(record));
  }
  return messages.size();
}

void Tail::append(Log& log, ConsumerRecord record) {
  log.end = record.position.offset + 1;
  log.bytes += size_in_bytes(*record.record);
  log.recent.push_back(std::move(record));
  while (log.recent.size() > recent_max_records || log.bytes > recent_max_bytes) {
    log.start = log.recent.front().position.offset + 1;
    log.bytes -= size_in_bytes(*log.recent.front().record);
    log.recent.pop_front();
  }
}

// -------------------------------------------------------------------------------------------------- cursors

Tail::Cursor::Cursor(std::shared_ptr<Tail> tail, const TopicPartition& tp, std::shared_ptr<Log> log,
                     std::function<void()> grown)
    : tail_(std::move(tail)),
      tp_(tp),
      log_(std::move(log)),
      grown_(std::make_unique<const std::function<void()>>(std::move(grown))) {
  log_->readers.push_back(grown_.get());
}

Tail::Cursor::~Cursor() {
  if (tail_) tail_->leave(tp_, *log_, grown_.get());
}

bool Tail::Cursor::covers(std::int64_t offset) const {
  return offset >= log_->start && offset <= log_->end + behind_max;
}

void Tail::Cursor::take(std::int64_t& next, std::size_t most, std::vector<ConsumerRecord>& records) const {
  const auto is_before = [](const ConsumerRecord& record, std::int64_t offset) {
    return record.position.offset < offset;
  };
  auto record = std::lower_bound(log_->recent.begin(), log_->recent.end(), next, is_before);
  for (; record != log_->recent.end() && most > 0; ++record, --most) {
    records.push_back(*record);
    next = record->position.offset + 1;
  }
  if (record == log_->recent.end()) next = std::max(next, log_->end);
}

}  // namespace foodorder::kafka
