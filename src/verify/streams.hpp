#pragma once

#include "entry.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foodorder::verify {

/// The next offset of each partition that the event stream relays, in the order of topics::table().
using StreamOffsets = std::vector<std::int64_t>;

/// Reads the id of an event: "<log>:orders=12,9,30;audit=77;orders-dlq=3".
std::optional<StreamOffsets> parse_stream_id(std::string_view id);

/// What the event stream must have relayed, and its clients.
class Streams {
 public:
  explicit Streams(Report& report);
  ~Streams();
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  void record(const Entry& entry);
  StreamCheck& add();
  void check_ends();

 private:
  class Client;
  /// The values of one partition's records from offset 0 on; none for those that are not relayed.
  using Relayed = std::vector<std::optional<std::optional<std::string>>>;

  Report& report_;
  std::vector<Relayed> relayed_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace foodorder::verify
