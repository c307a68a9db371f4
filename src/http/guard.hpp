#pragma once

#include "foodorder/http/http.hpp"
#include "foodorder/http/server.hpp"
#include "request_reader.hpp"

namespace foodorder::http {

/// Keeps web pages from elsewhere out (DNS rebinding by Host, request forgery by Origin and Sec-Fetch-Site), and
/// asks for the token.
class Guard final {
 public:
  explicit Guard(const ServerSpec& spec);

  /// `bound_to_loopback`: nobody but this machine reaches the port, so no token is asked for.
  void bound(bool to_loopback) noexcept { token_needed_ = !to_loopback && !token_.empty(); }

  /// Whether the Host names this server. A 403 that says what to do, or nothing.
  [[nodiscard]] std::optional<Response> check_host(std::string_view host) const;
  /// Whether the page that sends the request may do so.
  [[nodiscard]] std::optional<Response> check_origin(const Message& message) const;
  /// Whether the request carries the token, if one is needed.
  [[nodiscard]] std::optional<Response> check_token(const Request& request) const;

 private:
  [[nodiscard]] bool is_ours(std::string_view authority) const;

  std::vector<std::string> names_;
  const std::string token_;
  bool token_needed_ = false;
};

}  // namespace foodorder::http
