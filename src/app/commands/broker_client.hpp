#pragma once

#include "blocking_loop.hpp"
#include "client.hpp"
#include "config/config.hpp"

#include <memory>

namespace foodorder::app {

/// The same API over a broker: the handlers of the inspector, of the modules' states and of an order's history, in this
/// process and without a socket. So a command says the same of a broker as of a running program. There is no load.
class BrokerClient final : public Client {
 public:
  /// `config` says which broker. Throws std::runtime_error on a setting that librdkafka does not know.
  BrokerClient(BlockingLoop& loop, const Config& config);
  ~BrokerClient() override;

  Answer ask(http::Method method, const std::string& target, std::string body, std::string_view type) override;
  using Client::ask;
  Answer stream(const std::string& target, const std::function<bool(std::string_view)>& take) override;

 private:
  class Api;

  BlockingLoop& loop_;
  std::unique_ptr<Api> api_;
};

/// `GET /api/orders/{id}/history`, read from the log alone. `admin` outlives it.
http::Route broker_history_route(Admin& admin);

}  // namespace foodorder::app
