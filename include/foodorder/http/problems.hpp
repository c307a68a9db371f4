#pragma once

#include "foodorder/http/http.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Errors as RFC 9457 problems. A problem repeats a bounded part of what the client sent, whoever makes it.

namespace foodorder::http {

/// One entry of a problem's `errors`.
struct ProblemField {
  ProblemField(std::string name, std::string text) : field(std::move(name)), message(std::move(text)) {}
  std::string field;
  std::string message;
};

/// Titled with the status's reason phrase. `type` is the last part of the problem's URI ("outcome-unknown"), or empty
/// for about:blank. Long texts and long lists of errors are shortened; `members`, the extensions (RFC 9457, 3.2), stay
/// as they are.
Response problem(int status, std::string_view type, std::string_view detail,
                 const std::vector<ProblemField>& errors = {}, const boost::json::object& members = {});

/// Of type about:blank.
Response problem(int status, std::string_view detail);

/// 400: a header is wrong. `message` follows its name.
Response invalid_header(std::string_view name, std::string_view message);

Response not_found(std::string_view type, std::string_view detail);

Response unsupported_media_type(std::string_view type, std::string_view detail);

/// 422: the request is well-formed and fails checks.
Response unprocessable(std::string_view type, std::string_view detail, const std::vector<ProblemField>& errors,
                       const boost::json::object& members = {});

/// 503 with Retry-After: the same request may succeed soon.
Response unavailable(std::string_view type, std::string_view detail, const boost::json::object& members = {});

/// Appends Retry-After.
void retry_after(Response& response, int seconds = 1);

}  // namespace foodorder::http
