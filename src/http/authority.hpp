#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foodorder::http {

/// Host and port as a Host field has them (RFC 3986, 3.2), in one form: lower case, an IPv6 address as its canonical
/// text without brackets and zone, a name without the dot of the root at its end.
struct Authority {
  bool operator==(const Authority&) const = default;

  std::string host;
  std::optional<std::uint16_t> port;
};

/// Reads a name of letters, digits, '-', '_' and '.', an IPv4 address, or an IPv6 address in brackets, each with an
/// optional port. Everything else is refused, user names and percent-escapes included.
std::optional<Authority> parse_authority(std::string_view text);

/// The origin of a page (RFC 6454), with its default port filled in.
struct Origin {
  bool operator==(const Origin&) const = default;

  bool secure = false;  ///< https
  std::string host;
  std::uint16_t port = 0;
};

/// Nothing for "null", another scheme, or anything behind the port.
std::optional<Origin> parse_origin(std::string_view text);

/// `localhost`, a name below it (RFC 6761), or a loopback address in its usual notation: 127.1 and 2130706433 are names
/// that anybody could answer for.
bool is_loopback_host(const std::string& host);

/// A name without a dot or an IP address: no stranger's DNS can make it mean this machine.
bool cannot_be_rebound(const std::string& host);

}  // namespace foodorder::http
