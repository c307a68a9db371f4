#pragma once

#include "client.hpp"

namespace foodorder::kafka {

/// Reads ranges of the log beside all groups. One page at a time, on the client's page thread.
class PageReader {
 public:
  explicit PageReader(std::shared_ptr<Client> client) : client_(std::move(client)) {}
  ~PageReader();
  PageReader(const PageReader&) = delete;
  PageReader& operator=(const PageReader&) = delete;

  /// As Admin::read(). Blocks.
  Result<ReadPage> read(const TopicPartition& tp, std::int64_t offset, const ReadLimits& limits);

 private:
  const std::shared_ptr<Client> client_;
  Handle handle_;  ///< made for the first page
  std::map<std::string, Topic> topics_;
};

}  // namespace foodorder::kafka
