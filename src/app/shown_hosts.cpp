#include "shown_hosts.hpp"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <boost/asio/ip/address.hpp>
#include <cstring>
#include <memory>

namespace foodorder::app {

namespace {

namespace ip = boost::asio::ip;

std::string in_url(const std::string& host) {
  return host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
}

/// Of an interface: nothing where it has none, and for those that only this machine or this cable knows.
std::string address_of(const ifaddrs& entry, bool with_v6) {
  if (!entry.ifa_addr || !(entry.ifa_flags & IFF_UP)) return {};
  if (entry.ifa_addr->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, entry.ifa_addr, sizeof v4);
    const ip::address_v4 address(ntohl(v4.sin_addr.s_addr));
    return address.is_loopback() ? "" : address.to_string();
  }
  if (entry.ifa_addr->sa_family != AF_INET6 || !with_v6) return {};
  sockaddr_in6 v6{};
  std::memcpy(&v6, entry.ifa_addr, sizeof v6);
  ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  const ip::address_v6 address(bytes);
  return address.is_loopback() || address.is_link_local() ? "" : address.to_string();
}

}  // namespace

std::vector<std::string> shown_hosts(const std::string& host) {
  boost::system::error_code is_name;
  const ip::address address = ip::make_address(host, is_name);
  if (is_name || !address.is_unspecified()) return {in_url(host)};
  std::vector<std::string> hosts{"localhost"};
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return hosts;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
  for (const ifaddrs* entry = first; entry; entry = entry->ifa_next)
    if (const std::string found = address_of(*entry, address.is_v6()); !found.empty()) hosts.push_back(in_url(found));
  return hosts;
}

}  // namespace foodorder::app
