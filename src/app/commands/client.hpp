#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/http/http.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace foodorder::app {

/// Nobody answers where a command asks: exit status 3.
struct OutOfReach : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// There is nothing to show, or what is there is not ready for the command: exit status 1.
struct NothingFound : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Asks for the HTTP API, wherever it is: of a running program, or of this process over a broker. One request after the
/// other, each waiting for its answer. Throws OutOfReach where there is none, and Interrupted.
class Client {
 public:
  struct Answer {
    int status = 0;
    std::string body;
    std::string next;  ///< the target of `Link: <...>; rel="next"`, or empty
  };

  virtual ~Client() = default;

  /// `body` is JSON, or empty for none; `type` is its media type.
  virtual Answer ask(http::Method method, const std::string& target, std::string body = {},
                     std::string_view type = "application/json") = 0;

  /// The same of a streamed answer: `take` gets its parts as they come, until it gives false. Gives an answer without a
  /// body, or the whole of one whose status is not 200.
  virtual Answer stream(const std::string& target, const std::function<bool(std::string_view)>& take) = 0;

  /// The JSON of a good answer. Throws NothingFound for 404, 409 and 503, and std::runtime_error for others that are no
  /// good; what() is what the answer says.
  json::value get(const std::string& target);
  json::value send(http::Method method, const std::string& target, const json::value& body);
};

/// The JSON of an answer of the 2xx kind. Throws as Client::get().
json::value body_of(const Client::Answer& answer, std::string_view asked);

/// `text` as it can stand in a path or a query.
std::string percent_encoded(std::string_view text);

/// `</api/orders?after=x>; rel="next"` gives `/api/orders?after=x`.
std::string next_of(std::string_view link);

}  // namespace foodorder::app
