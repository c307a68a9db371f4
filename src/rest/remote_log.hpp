#pragma once

#include "database/order_database.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/base/retry_log.hpp"
#include "http/client.hpp"

#include <memory>
#include <optional>
#include <string>

namespace foodorder::rest {

/// One topic of a service in another process, read over its API. While that does not answer there is nothing new: who
/// reads several logs goes on with the others. So only reading from a certain place fails.
class RemoteLog final : public database::TableLog {
 public:
  /// `topic` has one partition; `url` names the log; `signals` are those of the logs that are read together.
  RemoteLog(std::unique_ptr<http::Client> client, Clock& clock, std::string topic, std::string url,
            std::shared_ptr<database::Signals> signals);

  [[nodiscard]] std::optional<std::string> trouble() const override { return {}; }
  [[nodiscard]] const std::string& log_id() const override { return url_; }
  Task<Result<Rows>> read_rows(std::int64_t from, std::size_t rows_max) override;
  Task<Result<ReadPage>> read(TopicPartition partition, std::int64_t offset, ReadLimits limits) override;
  Task<Result<std::int64_t>> end() override;
  Task<Result<std::int64_t>> offset_at(Timestamp time) override;
  Task<Result<std::vector<TopicDescription>>> describe() override;
  [[nodiscard]] const std::shared_ptr<database::Signals>& signals() const override { return signals_; }

 private:
  Task<Result<ReadPage>> fetch(std::string from, std::size_t records_max);
  Task<Result<json::value>> ask(std::string path);

  const std::unique_ptr<http::Client> client_;
  Clock& clock_;
  const std::string topic_;
  const std::string url_;
  const std::shared_ptr<database::Signals> signals_;
  RetryLog asking_;
  std::int64_t end_ = 0;           ///< when it was last seen
  std::optional<Timestamp> seen_;  ///< when that was
  Timestamp silent_until_{};       ///< it did not answer: it is not asked again before
  TopicDescription described_;
};

}  // namespace foodorder::rest
