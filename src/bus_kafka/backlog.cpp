#include "backlog.hpp"

#include "to_record.hpp"

namespace foodorder::kafka {

namespace {

/// So many messages become records at a time, and no further ones before so few are left.
constexpr std::size_t made_at_once = 512;

}  // namespace

/// Holds the handle for as long as its messages.
struct Backlog::Job {
  Handle handle;
  Messages messages;
  ConsumerSpec::Wants wants;

  Items make();
  [[nodiscard]] bool is_wanted(const rd_kafka_message_t& message) const;
};

/// A helper thread runs this. It moves the position past unwanted messages and does not parse their headers.
Backlog::Items Backlog::Job::make() {
  Items items;
  items.reserve(messages.size());
  for (Message& message : messages) {
    const bool holds_record = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    Item item{position_of(*message)};
    if (holds_record && is_wanted(*message))
      item.record = to_record(*message);
    else if (holds_record)
      ++item.position.offset;
    message.reset();
    const bool replaces_last =
        !items.empty() && !item.record && !items.back().record && items.back().position.tp == item.position.tp;
    if (replaces_last) items.pop_back();
    items.push_back(std::move(item));
  }
  return items;
}

bool Backlog::Job::is_wanted(const rd_kafka_message_t& message) const {
  if (!wants || !message.payload) return true;
  return wants(rd_kafka_topic_name(message.rkt), {static_cast<const char*>(message.payload), message.len});
}

Backlog::Backlog(Client& client, const ConsumerSpec& spec, std::function<void()> on_ready)
    : client_(client),
      wants_(spec.wants),
      on_ready_(std::move(on_ready)),
      fetcher_(client, spec.client_id, client.settings().backlog(spec.client_id), [this] { make_more(); }) {}

void Backlog::stop(const TopicPartition& tp) {
  fetcher_.stop(tp);
  std::erase_if(items_, [&](const Item& item) { return item.position.tp == tp; });
  if (making_) stopped_.insert(tp);
}

void Backlog::take(std::size_t most, Fetched& fetched) {
  while (!items_.empty() && most > 0) {
    Item& item = items_.front();
    if (item.record) {
      fetched.records.emplace_back(std::move(item.position), std::move(item.record));
      --most;
    } else {
      fetched.ends.push_back(std::move(item.position));
    }
    items_.pop_front();
  }
  make_more();
}

void Backlog::make_more() {
  if (making_ || items_.size() >= made_at_once) return;
  Messages messages = fetcher_.take(made_at_once);
  if (messages.empty()) return;
  making_ = true;
  auto job = std::make_shared<Job>(Job{fetcher_.handle(), std::move(messages), wants_});
  client_.off_loop_then<Items>([job = std::move(job)] { return job->make(); },
                               [weak = weak_from_this()](Items items) {
                                 if (const auto self = weak.lock()) self->made(std::move(items));
                               });
}

void Backlog::made(Items items) {
  making_ = false;
  for (Item& item : items)
    if (!stopped_.contains(item.position.tp)) items_.push_back(std::move(item));
  stopped_.clear();
  make_more();
  on_ready_();
}

}  // namespace foodorder::kafka
