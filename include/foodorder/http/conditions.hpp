#pragma once

#include "foodorder/http/http.hpp"

#include <optional>
#include <string>
#include <string_view>

// Conditional requests (RFC 9110 section 13) and request headers that repeat (section 5.3).

namespace foodorder::http {

/// The values of all field lines of that name, joined by commas; nothing if there is no such line.
std::optional<std::string> list_header(const Request& request, std::string_view name);

/// The answer to headers that no handler needs to see: 400 for a malformed `If-Match` or `If-None-Match` and for
/// different values of a header that takes one (`Content-Type`, `Idempotency-Key`, `Last-Event-ID`), 415 for a body
/// with a `Content-Encoding`.
std::optional<Response> refuse_headers(const Request& request);

enum class Precondition {
  holds,
  if_match_failed,       ///< 412
  if_none_match_failed,  ///< 304 for GET and HEAD, else 412
};

/// What a request asks for by `If-Match` and `If-None-Match`: on its own, for who judges it later.
struct Conditions {
  explicit Conditions(const Request& request);

  /// Judges `If-Match`, then `If-None-Match`, for a resource that exists. `tag` is its current entity tag, quoted;
  /// empty if it has none. Nothing here has a modification date, so the conditions on dates do not count. A malformed
  /// field fails.
  [[nodiscard]] Precondition judge(std::string_view tag) const;

  std::optional<std::string> match;
  std::optional<std::string> none_match;
};

/// Turns the 200 that a handler gave to a GET or HEAD into the 304 or 412 that the request's conditions ask for.
void apply_conditions(const Request& request, Response& response);

/// 412. `detail` says what the request did not expect.
Response precondition_failed(std::string_view detail);

}  // namespace foodorder::http
