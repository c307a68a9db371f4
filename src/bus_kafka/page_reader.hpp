#pragma once

#include "client.hpp"

namespace foodorder::kafka {

/// Reads ranges of the log beside all groups. One page at a time, on the client's page thread.
class PageReader {
 public:
  explicit PageReader(Client& client) : client_(client) {}

  /// As Admin::read(). Blocks.
  Result<ReadPage> read(const TopicPartition& tp, std::int64_t offset, const ReadLimits& limits);

 private:
  Client& client_;
  Instance instance_;  ///< made for the first page
  std::map<std::string, Topic> topics_;
};

}  // namespace foodorder::kafka
