#include "option_types.hpp"
#include "options.hpp"

namespace foodorder {

std::optional<BaseUrl> parse_base_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (config::lower(url.substr(0, scheme.size())) != scheme) return {};
  std::string_view rest = url.substr(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t colon = rest.rfind(':');
  const bool has_port = colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos;
  BaseUrl parsed{std::string(rest.substr(0, colon)), "80"};
  if (has_port)
    parsed.port = rest.substr(colon + 1);
  else
    parsed.host = rest;
  if (parsed.host.starts_with('[') && parsed.host.ends_with(']'))
    parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
  else if (parsed.host.find(':') != std::string::npos)
    return {};
  std::uint16_t port = 0;
  const bool bad_host = parsed.host.empty() || parsed.host.find_first_of("/?#@[] \t\r\n") != std::string::npos;
  if (bad_host || !config::read<std::uint16_t>(parsed.port, port, 1, 65535)) return {};
  return parsed;
}

}  // namespace foodorder
