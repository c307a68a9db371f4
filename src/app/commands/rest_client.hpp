#pragma once

#include "blocking_loop.hpp"
#include "client.hpp"

#include <memory>
#include <string>

namespace foodorder::app {

/// The API of a running program, over HTTP. It connects when it is first asked, and again where the connection is old.
class RestClient final : public Client {
 public:
  /// `url`: "http://host:port" or "http://host". `token` goes with each request, unless it is empty.
  RestClient(BlockingLoop& loop, const std::string& url, std::string token = {});
  ~RestClient() override;

  Answer ask(http::Method method, const std::string& target, std::string body, std::string_view type) override;
  using Client::ask;
  Answer stream(const std::string& target, const std::function<bool(std::string_view)>& take) override;

 private:
  struct Connection;

  BlockingLoop& loop_;
  std::string url_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace foodorder::app
