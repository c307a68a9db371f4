#include "network.hpp"

namespace foodorder::http {

namespace {

class Sockets final : public Network {
 public:
  explicit Sockets(Executor executor) : executor_(std::move(executor)) {}

  std::unique_ptr<Client> client(Clock& clock, std::function<std::optional<Address>()> next_address) override {
    return make_client(executor_, clock, std::move(next_address));
  }
  std::unique_ptr<Server> server(const Clock& clock, ServerSpec spec, std::vector<Route> routes) override {
    return make_server(executor_, clock, std::move(spec), std::move(routes));
  }

 private:
  const Executor executor_;
};

}  // namespace

std::unique_ptr<Network> make_network(Executor executor) { return std::make_unique<Sockets>(std::move(executor)); }

}  // namespace foodorder::http
