#pragma once

#include "handles.hpp"
#include "kafka_bus.hpp"

#include <map>
#include <string>

namespace foodorder::kafka {

/// librdkafka's settings for the instances of one bus; docs/run/kafka.md tells why each is what it is.
class ClientSettings {
 public:
  /// `librdkafka` is its version, as rd_kafka_version() gives it. Throws std::runtime_error, one line, on a user's
  /// setting that is unknown, out of range, or the program's own.
  explicit ClientSettings(const KafkaBusOptions& options, int librdkafka = rd_kafka_version());

  /// The bus's producer, which also does its admin work.
  [[nodiscard]] Conf producer() const;
  /// A member of a group; it fetches nothing.
  [[nodiscard]] Conf member(const ConsumerSpec& spec) const;
  /// Reads records as they come, and belongs to no group.
  [[nodiscard]] Conf tail(const std::string& client_id) const;
  /// Reads the older records of a long log; it fetches again 20 ms after its queue was full.
  [[nodiscard]] Conf backlog(const std::string& client_id) const;
  /// Joins no group, and says nothing by itself, so that its events need no reader: for pages of the log and for
  /// questions about groups.
  [[nodiscard]] Conf admin_consumer() const;
  /// The same, which reads records of all transactions.
  [[nodiscard]] Conf uncommitted_reader() const;

  /// From now on instances talk to these servers: a mock cluster's.
  void use_servers(std::string servers);

  /// Neither encrypted nor authenticated.
  [[nodiscard]] bool plain_text() const;
  [[nodiscard]] bool mock_cluster() const noexcept { return mock_cluster_; }
  [[nodiscard]] const std::string& servers() const noexcept { return servers_; }

 private:
  using Settings = std::map<std::string, std::string>;

  [[nodiscard]] Conf make(Settings own) const;
  [[nodiscard]] Conf reader(Settings own) const;

  std::string servers_;
  Settings given_;  ///< the user's
  bool mock_cluster_ = false;
  Settings look_again_soon_;
  bool forgets_topics_;
};

}  // namespace foodorder::kafka
