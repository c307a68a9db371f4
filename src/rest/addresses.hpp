#pragma once

#include "http/client.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::rest {

/// Where the instances of each service listen. One that is stopped keeps its address: who calls it is refused there, as
/// by any service that is down.
class Addresses {
 public:
  void set(std::string_view service, std::string_view instance, const http::Address& address) {
    std::vector<Entry>& entries = services_[std::string(service)].entries;
    for (Entry& entry : entries) {
      if (entry.instance != instance) continue;
      entry.address = address;
      return;
    }
    entries.push_back(Entry{std::string(instance), address});
  }

  [[nodiscard]] std::optional<http::Address> of(std::string_view service, std::string_view instance) const {
    const auto found = services_.find(service);
    if (found == services_.end()) return {};
    for (const Entry& entry : found->second.entries)
      if (entry.instance == instance) return entry.address;
    return {};
  }

  /// Its instances in turn.
  std::optional<http::Address> next(std::string_view service) {
    const auto found = services_.find(service);
    if (found == services_.end()) return {};
    Service& known = found->second;
    return known.entries[known.turn++ % known.entries.size()].address;
  }

 private:
  struct Entry {
    std::string instance;
    http::Address address;
  };
  struct Service {
    std::vector<Entry> entries;
    std::size_t turn = 0;
  };

  std::map<std::string, Service, std::less<>> services_;
};

}  // namespace foodorder::rest
