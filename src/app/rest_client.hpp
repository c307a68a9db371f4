#pragma once

#include "foodorder/base/json.hpp"

#include <memory>
#include <stdexcept>
#include <string>

namespace foodorder::app {

/// The exit status of a command that nobody answers.
constexpr int out_of_reach_status = 3;

/// Nobody answers where a command asks.
class OutOfReach : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Asks another foodorder, one request after the other, each waiting for its answer: for commands that do nothing else
/// meanwhile. Throws, with one line that says what failed: OutOfReach where it gets no answer, std::runtime_error where
/// it gets one that is no good.
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
