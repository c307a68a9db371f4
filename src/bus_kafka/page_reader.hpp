#pragma once

#include "client.hpp"

#include <list>
#include <memory>

namespace foodorder::kafka {

/// Reads ranges of the log beside all groups. One page at a time, on the client's page thread. Who reads page after
/// page goes on with what was fetched already.
class PageReader {
 public:
  explicit PageReader(std::shared_ptr<Client> client);
  ~PageReader();
  PageReader(const PageReader&) = delete;
  PageReader& operator=(const PageReader&) = delete;

  /// As Admin::read(). Blocks.
  Result<ReadPage> read(const TopicPartition& tp, std::int64_t offset, const ReadLimits& limits);

 private:
  class Fetching;

  /// An instance for each Isolation, made for its first page.
  struct Side {
    Handle handle;
    std::map<std::string, Topic> topics;
  };

  Side& side(Isolation isolation);
  Result<ReadPage> look(const TopicPartition& tp, std::int64_t offset, Isolation isolation);
  std::unique_ptr<Fetching> fetching_from(const TopicPartition& tp, std::int64_t offset, Isolation isolation);

  const std::shared_ptr<Client> client_;
  Side committed_;
  Side uncommitted_;
  std::list<std::unique_ptr<Fetching>> kept_;  ///< the one used last is the last
};

}  // namespace foodorder::kafka
