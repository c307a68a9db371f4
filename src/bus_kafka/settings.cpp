#include "settings.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

namespace foodorder::kafka {

namespace {

constexpr std::string_view mock_brokers = "test.mock.num.brokers";

constexpr std::string_view assignors = "partition.assignment.strategy";

/// Settings that the meaning of the bus depends on.
constexpr std::array<std::string_view, 12> programs_own = {
    "auto.offset.reset",        "bootstrap.servers",  "client.id", "enable.auto.commit",
    "enable.auto.offset.store", "enable.idempotence", "group.id",  "max.poll.interval.ms",
    "metadata.broker.list",     "partitioner",        "acks",      "session.timeout.ms"};

/// librdkafka 2.4 to 2.9 may end the process when a topic is deleted and made again: where its cache has the topic with
/// the old id, it frees that entry and goes on using it (its issue 4778). So its cache is to forget the topic before it
/// hears of the new one; it asks again when it needs to know.
bool keeps_freed_topics(int librdkafka) { return librdkafka >= 0x02040000 && librdkafka < 0x020a0000; }

/// Makes librdkafka fetch again soon after a full queue has room. Up to 2.1 it does so after a second, or when
/// something else wakes its thread, such as a metadata response.
std::map<std::string, std::string> look_again_soon(int librdkafka) {
  if (librdkafka >= 0x02020000) return {{"fetch.queue.backoff.ms", "20"}};
  return {{"topic.metadata.refresh.interval.ms", "20"}, {"metadata.max.age.ms", "900000"}};  // not 3 * 20 ms
}

void set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, 512> why{};
  const auto done = rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why.data(), why.size());
  // The value of a name that is misspelt may be a secret.
  if (done == RD_KAFKA_CONF_UNKNOWN) throw std::runtime_error(fmt::format("-X {}: {}", name, why.data()));
  if (done != RD_KAFKA_CONF_OK) throw std::runtime_error(fmt::format("-X {}={}: {}", name, value, why.data()));
}

/// Those that give partitions back all at once in a rebalance; librdkafka's cooperative one is not for this program.
void check_assignors(const std::string& value) {
  if (value == "range" || value == "roundrobin" || value == "range,roundrobin" || value == "roundrobin,range") return;
  throw std::runtime_error(
      fmt::format("-X {}={}: it must be range, roundrobin, or both with a comma (the default is range,roundrobin)",
                  assignors, value));
}

}  // namespace

ClientSettings::ClientSettings(const KafkaBusOptions& options, int librdkafka)
    : servers_(options.brokers),
      look_again_soon_(look_again_soon(librdkafka)),
      forgets_topics_(keeps_freed_topics(librdkafka)) {
  const Conf probe(rd_kafka_conf_new());
  for (const std::string& setting : options.settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0)
      throw std::runtime_error(fmt::format("-X {}: it must be name=value, as of librdkafka", setting));
    const std::string name = setting.substr(0, equals);
    if (std::ranges::find(programs_own, name) != programs_own.end())
      throw std::runtime_error(fmt::format("-X {}: that setting is the program's own", name));
    if (name == assignors) check_assignors(setting.substr(equals + 1));
    set(probe.get(), name, setting.substr(equals + 1));
    given_[name] = setting.substr(equals + 1);
  }
  mock_cluster_ = given_.contains(std::string(mock_brokers)) && given_[std::string(mock_brokers)] != "0";
}

void ClientSettings::use_servers(std::string servers) {
  servers_ = std::move(servers);
  given_.erase(std::string(mock_brokers));  // each instance would make a cluster of its own
}

bool ClientSettings::plain_text() const {
  const auto found = given_.find("security.protocol");
  return found == given_.end() || found->second == "plaintext";
}

Conf ClientSettings::make(Settings own) const {
  own.merge(Settings{
      {"bootstrap.servers", servers_},
      {"socket.nagle.disable", "true"},
      // Back within a fraction of a second after a broker's restart.
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "250"},
      {"log.queue", "true"},
      {"log.connection.close", "false"},
  });
  if (forgets_topics_) own.emplace("metadata.max.age.ms", "200");
  for (const auto& [name, value] : given_) own[name] = value;
  Conf conf(rd_kafka_conf_new());
  for (const auto& [name, value] : own) set(conf.get(), name, value);
  return conf;
}

Conf ClientSettings::producer() const {
  Conf conf = make({
      {"client.id", "foodorder"},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      // Every send is awaited: a linger would be added to each request.
      {"linger.ms", "0"},
      {"partitioner", "murmur2_random"},  // Java's
      {"allow.auto.create.topics", "false"},
      {"message.max.bytes", "1048588"},  // Kafka's default of max.message.bytes
      // Not the deadline of a request: what was taken is tried for so long after a broker went away.
      {"message.timeout.ms", "60000"},
      {"topic.metadata.propagation.max.ms", "2000"},
      {"queue.buffering.max.messages", "200000"},  // each Producer's own limit is lower
      {"retry.backoff.ms", "50"},
      {"statistics.interval.ms", "5000"},
  });
  rd_kafka_conf_set_events(conf.get(),
                           RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS | RD_KAFKA_EVENT_LOG);
  return conf;
}

Conf ClientSettings::member(const ConsumerSpec& spec) const {
  const auto interval = std::max(spec.poll_interval_max, spec.session_timeout);
  Conf conf = make({
      {"client.id", spec.client_id},
      {"group.id", spec.group.value()},
      {"session.timeout.ms", std::to_string(to_millis(spec.session_timeout))},
      {"heartbeat.interval.ms", std::to_string(std::min(3000, to_millis(spec.session_timeout / 3)))},
      {"max.poll.interval.ms", std::to_string(to_millis(interval))},
      // The first is what our members agree on; the second lets them into the groups of other clients, whose default
      // it is.
      {std::string(assignors), "range,roundrobin"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      // A topic that was made after its consumer is found within this time.
      {"topic.metadata.refresh.interval.ms", "5000"},
  });
  rd_kafka_conf_set_events(
      conf.get(), RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG);
  return conf;
}

Conf ClientSettings::tail(const std::string& client_id) const {
  return reader({
      {"client.id", client_id},
      {"queued.min.messages", "100000"},
      {"queued.max.messages.kbytes", "65536"},
  });
}

Conf ClientSettings::backlog(const std::string& client_id) const {
  Settings own = look_again_soon_;
  own.merge(Settings{
      {"client.id", client_id},
      // For all partitions together: more records than the reader takes in 20 ms.
      {"queued.min.messages", "50000"},
      {"queued.max.messages.kbytes", "16384"},
  });
  return reader(std::move(own));
}

Conf ClientSettings::reader(Settings own) const {
  own.merge(Settings{
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      // What retention has removed is passed over.
      {"auto.offset.reset", "earliest"},
      {"fetch.wait.max.ms", mock_cluster_ ? "10" : "500"},
      // How far a partition is read, also over offsets without a record.
      {"enable.partition.eof", "true"},
      {"fetch.min.bytes", "1"},
      {"fetch.error.backoff.ms", "50"},
  });
  Conf conf = make(std::move(own));
  rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG);
  return conf;
}

Conf ClientSettings::admin_consumer() const {
  Conf conf = make({
      {"client.id", "foodorder-admin_consumer"},
      {"group.id", "foodorder-reader"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "earliest"},
      // The end of a partition ends a page, also where compaction or a transaction left nothing before it.
      {"enable.partition.eof", "true"},
      {"fetch.wait.max.ms", "10"},
      {"fetch.error.backoff.ms", "20"},
      {"queued.min.messages", "1000"},
      {"queued.max.messages.kbytes", "4096"},
  });
  rd_kafka_conf_set(conf.get(), "log.queue", "false", nullptr, 0);
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  rd_kafka_conf_set_events(conf.get(), 0);
  return conf;
}

Conf ClientSettings::uncommitted_reader() const {
  Conf conf = admin_consumer();
  rd_kafka_conf_set(conf.get(), "isolation.level", "read_uncommitted", nullptr, 0);
  return conf;
}

}  // namespace foodorder::kafka
