#pragma once

#include "foodorder/domain/json.hpp"

#include <memory>
#include <string>

namespace foodorder::app {

/// Asks another foodorder, one request after the other, each waiting for its answer: for commands that do nothing else
/// meanwhile. Throws std::runtime_error, with one line that says what failed, where it gets no good answer.
class RestClient {
 public:
  /// `url`: "http://host:port" or "http://host".
  explicit RestClient(const std::string& url);
  ~RestClient();
  RestClient(const RestClient&) = delete;
  RestClient& operator=(const RestClient&) = delete;

  struct Page {
    json::value body;
    std::string next;  ///< the target of `Link: <...>; rel="next"`, or empty
  };
  /// GET; answers other than 200 are errors.
  Page get(const std::string& target);

 private:
  struct Connection;

  std::string host_;
  std::string port_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace foodorder::app
