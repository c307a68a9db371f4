#include "guard.hpp"

#include "foodorder/base/utf8.hpp"
#include "foodorder/http/problems.hpp"
#include "text.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::http {

namespace {

// What pages may send and read beyond what every page may (Fetch standard).
constexpr std::string_view allowed_fields =
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, traceparent, tracestate, "
    "X-Foodorder-Token";
constexpr std::string_view exposed_fields = "ETag, Last-Event-ID, Link, Location, Retry-After, X-Total-Count";

/// The authority of an --allow-host; an IPv6 address may stand without its brackets.
std::optional<Authority> authority_of(const std::string& entry) {
  const bool bare_v6 = entry.find(':') != entry.rfind(':') && entry.front() != '[';
  return parse_authority(bare_v6 ? "[" + entry + "]" : entry);
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

/// Text of a client for a message: short and printable.
std::string shown(std::string_view text) {
  std::string result = shortened(text);
  for (char& c : result)
    if (c < ' ' || c > '~') c = '?';
  return result;
}

Response forbidden(std::string_view detail) { return problem(403, detail); }

/// What to give to --allow-host, so that pages of this origin are let in.
std::string allow_host_for(const Origin& origin) {
  const std::string host = origin.host.find(':') == std::string::npos ? origin.host : "[" + origin.host + "]";
  const bool usual = origin.port == (origin.secure ? 443 : 80);
  return usual ? host : fmt::format("{}:{}", host, origin.port);
}

}  // namespace

Guard::Guard(const ServerSpec& spec) : token_(spec.token) {
  if (const auto own = authority_of(spec.host)) names_.push_back(own->host);
  for (const std::string& entry : spec.allow_hosts) {
    const auto authority = entry.empty() ? std::nullopt : authority_of(entry);
    if (!authority) continue;
    names_.push_back(authority->host);
    for (const bool secure : {false, true})
      origins_.push_back({secure, authority->host, authority->port.value_or(secure ? 443 : 80)});
  }
}

bool Guard::is_ours(const std::string& host) const {
  return is_loopback_host(host) || (beyond_loopback_ && cannot_be_rebound(host)) ||
         std::find(names_.begin(), names_.end(), host) != names_.end();
}

std::optional<Response> Guard::check_host(std::string_view host) const {
  const auto authority = parse_authority(host);
  if (authority && is_ours(authority->host)) return {};
  return forbidden(
      fmt::format("the Host '{}' is not one of this server's names; if it should be, start with "
                  "--allow-host={}",
                  shown(host), shown(authority ? authority->host : host)));
}

/// A proxy may have replaced the Host, or may speak TLS to the page: the browser knows better then, whose word counts
/// for pages under our names.
bool Guard::is_same_origin(const Origin& origin, const Message& message) const {
  if (is_ours(origin.host) && message.request.header("Sec-Fetch-Site") == "same-origin") return true;
  const auto own = parse_authority(message.host);
  return own && !origin.secure && origin.host == own->host && origin.port == own->port.value_or(80);
}

bool Guard::is_allowed(const Origin& origin) const {
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

std::optional<Response> Guard::check_origin(const Message& message) const {
  const bool changes = changes_state(message);
  if (!message.has_origin) {
    const auto site = message.request.header("Sec-Fetch-Site");
    if (changes && site && *site != "same-origin" && *site != "none")
      return forbidden("a page of another origin may not change anything here");
    return {};
  }
  if (message.origin == "null") {
    if (!changes) return {};
    return forbidden("a page without an origin (Origin: null) may not change anything here");
  }
  const auto origin = parse_origin(message.origin);
  if (!origin) return forbidden(fmt::format("pages of '{}' may not use this server", shown(message.origin)));
  if (is_same_origin(*origin, message) || is_allowed(*origin)) return {};
  return forbidden(fmt::format("pages of '{}' may not use this server; if they should, start with --allow-host={}",
                               shown(message.origin), shown(allow_host_for(*origin))));
}

void Guard::add_cors(const Message& message, Response& answer) const {
  if (origins_.empty() || !message.has_origin) return;
  const auto origin = parse_origin(message.origin);
  if (!origin || !is_allowed(*origin)) return;
  answer.headers.emplace_back("Access-Control-Allow-Origin", std::string(message.origin));
  answer.headers.emplace_back("Access-Control-Expose-Headers", std::string(exposed_fields));
  answer.headers.emplace_back("Vary", "Origin");
}

void Guard::add_preflight(const Message& message, const std::string& methods, Response& answer) const {
  if (!message.has_origin || !message.request.header("Access-Control-Request-Method")) return;
  answer.headers.emplace_back("Access-Control-Allow-Methods", methods);
  answer.headers.emplace_back("Access-Control-Allow-Headers", std::string(allowed_fields));
  answer.headers.emplace_back("Access-Control-Max-Age", "600");
}

std::optional<Response> Guard::check_token(const Request& request) const {
  if (!beyond_loopback_ || token_.empty()) return {};
  std::string_view given = request.header("X-Foodorder-Token").value_or(std::string_view());
  if (const auto authorization = request.header("Authorization"); given.empty() && authorization) {
    constexpr std::string_view scheme = "Bearer ";
    if (equal_ignoring_case(authorization->substr(0, scheme.size()), scheme))
      given = authorization->substr(scheme.size());
  }
  if (equal_in_constant_time(given, token_)) return {};
  Response refusal = problem(401,
                             "this needs the token that was printed at start: 'Authorization: Bearer <token>' or "
                             "'X-Foodorder-Token: <token>'");
  refusal.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"foodorder\"");
  return refusal;
}

}  // namespace foodorder::http
