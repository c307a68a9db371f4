#include "guard.hpp"

#include "text.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace foodorder::http {

namespace {

/// "localhost" of "localhost:3001", "::1" of "[::1]:3001"; empty if malformed.
std::string_view host_of(std::string_view authority) noexcept {
  std::string_view host = authority;
  std::string_view rest;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return {};
    host = authority.substr(1, bracket - 1);
    rest = authority.substr(bracket + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    host = authority.substr(0, colon);
    rest = authority.substr(colon);
  }
  if (rest.empty()) return host;
  const std::string_view port = rest.substr(1);
  const bool valid = rest.front() == ':' && port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos;
  return valid ? host : std::string_view();
}

/// The name of an --allow-host, with or without port and brackets; "::1" bare as well.
std::string name_of(const std::string& entry) {
  const bool bare_v6 = entry.find(':') != entry.rfind(':') && entry.front() != '[';
  return bare_v6 ? entry : std::string(host_of(entry));
}

bool is_loopback(std::string_view host) {
  if (equal_ignoring_case(host, "localhost")) return true;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  return !error && address.is_loopback();
}

bool changes_state(const Message& message) noexcept {
  if (!message.method_known) return true;
  const Method method = message.request.method;
  return method != Method::get && method != Method::head && method != Method::options;
}

/// Takes as long for any text of the same length: how much was right must not be measurable.
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  volatile unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference =
        difference | (static_cast<unsigned char>(a[i]) ^ static_cast<unsigned>(static_cast<unsigned char>(b[i])));
  return difference == 0;
}

/// What a client sent, fit for a message: short and printable.
std::string shown(std::string_view text) {
  std::string result(text.substr(0, 100));
  for (char& c : result)
    if (c < ' ' || c > '~') c = '?';
  return result;
}

}  // namespace

Guard::Guard(const ServerSpec& spec) : token_(spec.token) {
  names_.push_back(spec.host);
  for (const std::string& entry : spec.allow_hosts)
    if (!entry.empty()) names_.push_back(name_of(entry));
}

bool Guard::is_ours(std::string_view authority) const {
  const std::string_view host = host_of(authority);
  if (host.empty()) return false;
  if (is_loopback(host)) return true;
  return std::any_of(names_.begin(), names_.end(),
                     [&](const std::string& name) { return equal_ignoring_case(name, host); });
}

std::optional<Response> Guard::check_host(std::string_view host) const {
  if (is_ours(host)) return {};
  const std::string name = shown(host_of(host).empty() ? host : host_of(host));
  return problem(403, "", "Forbidden",
                 fmt::format("the Host '{}' is not one of this server's names; if it should be, start with "
                             "--allow-host={}",
                             shown(host), name));
}

std::optional<Response> Guard::check_origin(const Message& message) const {
  const bool changes = changes_state(message);
  if (message.has_origin && message.origin == "null") {
    if (!changes) return {};
    return problem(403, "", "Forbidden", "a page without an origin (Origin: null) may not change anything here");
  }
  if (message.has_origin) {
    const std::size_t slashes = message.origin.find("://");
    const std::string_view authority =
        slashes == std::string_view::npos ? std::string_view() : message.origin.substr(slashes + 3);
    if (!is_ours(authority))
      return problem(403, "", "Forbidden",
                     fmt::format("pages of '{}' may not use this server; if they should, start with --allow-host={}",
                                 shown(message.origin), shown(host_of(authority))));
  }
  if (changes && message.request.header("Sec-Fetch-Site") == "cross-site")
    return problem(403, "", "Forbidden", "a page of another site may not change anything here");
  return {};
}

std::optional<Response> Guard::check_token(const Request& request) const {
  if (!token_needed_) return {};
  std::string_view given = request.header("X-Foodorder-Token").value_or(std::string_view());
  if (const auto authorization = request.header("Authorization"); given.empty() && authorization) {
    constexpr std::string_view scheme = "Bearer ";
    if (equal_ignoring_case(authorization->substr(0, scheme.size()), scheme))
      given = authorization->substr(scheme.size());
  }
  if (equal_in_constant_time(given, token_)) return {};
  Response refusal = problem(401, "", "Unauthorized",
                             "this needs the token that was printed at start: 'Authorization: Bearer <token>' or "
                             "'X-Foodorder-Token: <token>'");
  refusal.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"foodorder\"");
  return refusal;
}

}  // namespace foodorder::http
