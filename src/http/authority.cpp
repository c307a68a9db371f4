#include "authority.hpp"

#include "foodorder/base/number.hpp"
#include "text.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace foodorder::http {

namespace {

namespace ip = boost::asio::ip;

constexpr std::size_t host_max_bytes = 255;

bool is_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

std::optional<std::string> name_or_v4(std::string_view text) {
  std::string host(text);
  for (char& c : host)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  if (!std::all_of(host.begin(), host.end(), is_name_character)) return {};
  if (host.ends_with('.')) host.pop_back();
  if (host.empty() || host.front() == '.' || host.size() > host_max_bytes) return {};
  return host;
}

/// The text between the brackets; a zone ("%25eth0") says how to get there, not where it is.
std::optional<std::string> v6(std::string_view text) {
  boost::system::error_code error;
  const auto address = ip::make_address_v6(std::string(text.substr(0, text.find('%'))), error);
  if (error) return {};
  return address.to_string();
}

/// `port` stays empty for a text that ends behind the colon, or has none.
bool read_port(std::string_view text, std::optional<std::uint16_t>& port) {
  if (text.empty() || text == ":") return true;
  if (text.front() != ':' || text.size() > 6 || text.find_first_not_of("0123456789", 1) != text.npos) return false;
  const auto number = parse_number<std::int64_t>(text.substr(1));
  if (!number || *number > 65535) return false;
  port = static_cast<std::uint16_t>(*number);
  return true;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  const bool bracketed = text.starts_with('[');
  const std::size_t end = bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return {};
  auto host = bracketed ? v6(text.substr(1, end - 1)) : name_or_v4(text.substr(0, end));
  Authority authority;
  if (!host || !read_port(text.substr(bracketed ? end + 1 : end), authority.port)) return {};
  authority.host = *std::move(host);
  return authority;
}

std::optional<Origin> parse_origin(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return {};
  Origin origin;
  origin.secure = equal_ignoring_case(text.substr(0, colon), "https");
  if (!origin.secure && !equal_ignoring_case(text.substr(0, colon), "http")) return {};
  auto authority = parse_authority(text.substr(colon + 3));
  if (!authority) return {};
  origin.host = std::move(authority->host);
  origin.port = authority->port.value_or(origin.secure ? 443 : 80);
  return origin;
}

bool is_loopback_host(const std::string& host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  boost::system::error_code error;
  const auto address = ip::make_address(host, error);
  if (error) return false;
  const bool mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  return mapped ? ip::make_address_v4(ip::v4_mapped, address.to_v6()).is_loopback() : address.is_loopback();
}

bool cannot_be_rebound(const std::string& host) {
  boost::system::error_code error;
  ip::make_address(host, error);
  return !error || host.find('.') == std::string::npos;
}

}  // namespace foodorder::http
