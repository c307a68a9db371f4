#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace foodorder::bench {

/// Clients of an event stream on 127.0.0.1: a thread that reads and drops whatever comes, so that the CPU time of the
/// thread that writes is the writer's own.
class Readers {
 public:
  /// Connects; each sends `GET /events`. Throws std::system_error if it cannot.
  Readers(std::uint16_t port, std::size_t count);
  ~Readers();
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

 private:
  void drain();

  int poll_;
  std::vector<int> sockets_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace foodorder::bench
