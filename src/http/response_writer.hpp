#pragma once

#include "foodorder/base/time.hpp"
#include "foodorder/http/http.hpp"

#include <string>

namespace foodorder::http {

/// How the head of a response is framed.
struct Framing {
  bool http_1_0 = false;
  bool keep_alive = true;
  bool chunked = false;  ///< a stream without a known end, on HTTP/1.1
};

/// Writes response heads, with the fields that every response of this server carries.
class ResponseWriter final {
 public:
  /// For the Date field of what follows.
  void set_time(Timestamp now);

  /// Appends the head, up to and with the empty line, to `out`. Refuses (returns false and appends nothing)
  /// a status or field that would break the framing, such as a line break in a value.
  bool append_head(std::string& out, const Response& response, const Framing& framing);

 private:
  std::string date_;
};

/// False for the statuses that never have a body.
bool may_have_body(int status) noexcept;

}  // namespace foodorder::http
