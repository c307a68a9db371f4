#include "memory_log.hpp"

#include <librdkafka/rdkafka.h>          // breach: librdkafka
#include <boost/asio/ip/tcp.hpp>         // breach: socket
#include "foodorder/http/http.hpp"       // breach: floor
#include "foodorder/runtime/module.hpp"  // breach: floor

using SteadyClock = std::chrono::steady_clock;  // breach: system

void append() {
  const auto now = std::chrono::system_clock::now();  // breach: system
  std::random_device entropy;                         // breach: system
  const auto second = std::time(nullptr);             // breach: system
  // A word about std::chrono::system_clock::now() and catch (...) means nothing.
}
