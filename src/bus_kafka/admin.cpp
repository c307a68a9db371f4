#include "admin.hpp"

#include "bus/topic_settings.hpp"
#include "coordinators.hpp"
#include "group_admin.hpp"
#include "offsets.hpp"
#include "page_reader.hpp"
#include "topic_admin.hpp"
#include "topic_settings.hpp"

namespace foodorder::kafka {

namespace {

/// Each request is a few blocking calls in a row, on a thread beside the loop.
class KafkaAdmin final : public Admin {
 public:
  explicit KafkaAdmin(std::shared_ptr<Client> client)
      : client_(std::move(client)),
        pages_(std::make_shared<PageReader>(client_)),
        coordinators_(std::make_shared<Coordinators>(client_)) {}

  Task<Result<void>> ensure_topics(std::vector<TopicSpec> topics) override {
    return ensure(client_, std::move(topics));
  }

  Task<Result<std::vector<TopicDescription>>> topics() override {
    Details details;
    details.settings = client_->mock() == nullptr;
    details.sizes = details.settings && client_->settings().plain_text();
    return ask<std::vector<TopicDescription>>(client_,
                                              [details](rd_kafka_t* rk) { return describe_topics(rk, details); });
  }

  Task<Result<std::vector<GroupDescription>>> groups() override {
    if (client_->mock()) return unsupported<std::vector<GroupDescription>>();
    return ask_coordinators<std::vector<GroupDescription>>([](rd_kafka_t* rk) { return describe_groups(rk); });
  }

  Task<Result<std::vector<Position>>> resolve(std::vector<TopicPartition> partitions, Where where) override {
    return ask<std::vector<Position>>(client_, [partitions = std::move(partitions), where](rd_kafka_t* rk) {
      const auto there = check_partitions(rk, partitions);
      return there ? kafka::resolve(rk, partitions, where) : there.error();
    });
  }

  Task<Result<void>> reset_offsets(std::string group, std::vector<Position> next_offsets) override {
    if (client_->mock()) return unsupported<void>();
    return ask_coordinators<void>([group = std::move(group), next_offsets = std::move(next_offsets)](rd_kafka_t* rk) {
      return kafka::reset_offsets(rk, group, next_offsets);
    });
  }

  Task<Result<void>> delete_group(std::string group) override {
    if (client_->mock()) return unsupported<void>();
    return ask_coordinators<void>(
        [group = std::move(group)](rd_kafka_t* rk) { return kafka::delete_group(rk, group); });
  }

  Task<Result<ReadPage>> read(TopicPartition partition, std::int64_t offset, ReadLimits limits) override {
    return read_page(client_, pages_, std::move(partition), offset, limits);
  }

  Task<Result<std::vector<TopicSetting>>> topic_settings(std::string topic) override {
    if (client_->mock()) return unsupported<std::vector<TopicSetting>>();
    return ask<std::vector<TopicSetting>>(
        client_, [topic = std::move(topic)](rd_kafka_t* rk) { return kafka::topic_settings(rk, topic); });
  }

  Task<Result<Compaction>> compact(std::string) override { return unsupported<Compaction>(); }

 private:
  /// `question` is asked by the bus's instance.
  template <class T>
  static Task<Result<T>> ask(std::shared_ptr<Client> client, std::function<Result<T>(rd_kafka_t*)> question) {
    return off_loop<T>(client,
                       [rk = client->producer(), question = std::move(question)] { return question(rk.get()); });
  }

  template <class T>
  Task<Result<T>> ask_coordinators(std::function<Result<T>(rd_kafka_t*)> question) {
    return off_loop<T>(client_, [admin_consumer = coordinators_, question = std::move(question)] {
      return admin_consumer->ask(question);
    });
  }

  template <class T>
  static Task<Result<T>> off_loop(std::shared_ptr<Client> client, std::function<Result<T>()> job) {
    // No thread is to wait for what is known to fail.
    if (client->broker_watch().known_down()) co_return Error(Errc::unavailable, *client->trouble());
    Result<T> answer = co_await Client::off_loop<Result<T>>(client, std::move(job));
    if (answer || answer.error().code != Errc::unavailable) client->broker_watch().answered();
    co_return answer;
  }

  static Task<Result<void>> ensure(std::shared_ptr<Client> client, std::vector<TopicSpec> topics) {
    for (const TopicSpec& topic : topics) {
      const auto known = check_topic_settings(topic);
      if (!known) co_return known.error();
    }
    std::vector<std::string> names;
    for (const TopicSpec& topic : topics) names.push_back(topic.name);
    std::function<Result<void>(rd_kafka_t*)> question = [topics, mock = client->mock()](rd_kafka_t* rk) {
      return kafka::ensure_topics(rk, mock, topics);
    };
    const Result<void> ensured = co_await ask<void>(client, std::move(question));
    // The first record to a topic that the producer does not know yet would wait for half a second.
    if (!ensured) co_return ensured;
    for (const std::string& name : names) client->shared_producer().topic(name);
    client->topic_watch().expect(topics);
    co_return ensured;
  }

  static Task<Result<ReadPage>> read_page(std::shared_ptr<Client> client, std::shared_ptr<PageReader> pages,
                                          TopicPartition partition, std::int64_t offset, ReadLimits limits) {
    if (client->broker_watch().known_down()) co_return Error(Errc::unavailable, *client->trouble());
    std::function<Result<ReadPage>()> job = [pages, partition = std::move(partition), offset, limits] {
      return pages->read(partition, offset, limits);
    };
    Result<ReadPage> page = co_await Client::off_loop_in_order<Result<ReadPage>>(client, std::move(job));
    co_return page;
  }

  template <class T>
  static Task<Result<T>> unsupported() {
    co_return Error(Errc::unsupported, "this broker cannot do that");
  }

  const std::shared_ptr<Client> client_;
  const std::shared_ptr<PageReader> pages_;
  const std::shared_ptr<Coordinators> coordinators_;
};

}  // namespace

std::unique_ptr<Admin> make_admin(std::shared_ptr<Client> client) {
  return std::make_unique<KafkaAdmin>(std::move(client));
}

}  // namespace foodorder::kafka
