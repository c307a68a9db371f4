#pragma once

#include "authority.hpp"
#include "foodorder/http/http.hpp"
#include "http/server.hpp"
#include "request_reader.hpp"

namespace foodorder::http {

/// Keeps web pages from elsewhere out (DNS rebinding by Host, request forgery by Origin and Sec-Fetch-Site), lets those
/// of an allowed origin in (CORS), and asks for the token.
class Guard final {
 public:
  explicit Guard(const ServerSpec& spec);

  /// On loopback nobody but this machine reaches the port: no token is asked for, and only its names are taken.
  void bound(bool to_loopback) noexcept { beyond_loopback_ = !to_loopback; }

  /// Whether the Host names this server. A 403 that says what to do, or nothing.
  [[nodiscard]] std::optional<Response> check_host(std::string_view host) const;
  /// Whether the page that sends the request may do so.
  [[nodiscard]] std::optional<Response> check_origin(const Message& message) const;
  /// Whether the request carries the token, if one is needed.
  [[nodiscard]] std::optional<Response> check_token(const Request& request) const;

  /// Lets a page of an allowed origin read the answer.
  void add_cors(const Message& message, Response& answer) const;
  /// Tells the browser of such a page what it may send, where it asks.
  void add_preflight(const Message& message, const std::string& methods, Response& answer) const;

 private:
  [[nodiscard]] bool is_ours(const std::string& host) const;
  [[nodiscard]] bool is_same_origin(const Origin& origin, const Message& message) const;
  [[nodiscard]] bool is_allowed(const Origin& origin) const;

  std::vector<std::string> names_;  ///< hosts
  std::vector<Origin> origins_;     ///< of pages elsewhere
  const std::string token_;
  bool beyond_loopback_ = false;
};

}  // namespace foodorder::http
