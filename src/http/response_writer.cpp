#include "response_writer.hpp"

#include "text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <algorithm>

namespace foodorder::http {

namespace {

constexpr std::string_view always =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n";

// Scripts, styles and connections of this server only; no inline script or style, no frame around it.
constexpr std::string_view page_policy =
    "Content-Security-Policy: default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'; img-src 'self' data:\r\n";

bool fits_in_a_line(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool starts_with_type(std::string_view content_type, std::string_view type) noexcept {
  return equal_ignoring_case(content_type.substr(0, type.size()), type);
}

bool is_json(std::string_view content_type) noexcept {
  return starts_with_type(content_type, "application/json") ||
         starts_with_type(content_type, "application/problem+json");
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool may_have_body(int status) noexcept { return status >= 200 && status != 204 && status != 304; }

void ResponseWriter::set_time(Timestamp now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  date_ = fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", fmt::gmtime(seconds));
}

bool ResponseWriter::append_head(std::string& out, const Response& response, const Framing& framing) {
  if (response.status < 200 || response.status > 599 || !fits_in_a_line(response.content_type)) return false;
  bool cache_control = false;
  for (const auto& [name, value] : response.headers) {
    if (name.empty() || !fits_in_a_line(name) || !fits_in_a_line(value)) return false;
    cache_control = cache_control || equal_ignoring_case(name, "Cache-Control");
  }
  out.append("HTTP/1.1 ");
  const fmt::format_int status(response.status);
  out.append(status.data(), status.size()).append(1, ' ').append(reason_phrase(response.status)).append("\r\n");
  out.append(date_);
  if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
  if (framing.chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  } else if (!response.stream && may_have_body(response.status)) {
    const fmt::format_int length(response.content_type.empty() ? 0 : response.body.size());
    append_field(out, "Content-Length", {length.data(), length.size()});
  }
  out.append(always);
  if (starts_with_type(response.content_type, "text/html")) out.append(page_policy);
  if (!cache_control && (response.stream || is_json(response.content_type))) out.append("Cache-Control: no-store\r\n");
  // nginx would hold a stream back until its buffer is full.
  if (response.stream) out.append("X-Accel-Buffering: no\r\n");
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  if (!framing.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (framing.http_1_0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
  return true;
}

}  // namespace foodorder::http
