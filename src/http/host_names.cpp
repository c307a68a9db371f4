#include "host_names.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace foodorder::http {

namespace {

constexpr Duration known_for = std::chrono::seconds(2);

}  // namespace

Task<HostNames::Addresses> HostNames::find(std::string host, Timestamp deadline) {
  boost::system::error_code no_address;
  const auto address = asio::ip::make_address(host, no_address);
  if (!no_address) co_return Addresses(1, address);
  std::shared_ptr<Known>& slot = hosts_[host];
  if (!slot) slot = std::make_shared<Known>();
  const std::shared_ptr<Known> known = slot;
  if (!known->asking && (known->addresses.empty() || clock_.now() - known->since > known_for)) {
    known->asking = true;
    asio::co_spawn(loop_, ask(loop_, clock_, std::move(host), known), asio::detached);
  }
  while (known->addresses.empty() && known->asking && clock_.now() < deadline)
    co_await known->answered.wait_until(clock_, deadline);
  co_return known->addresses;
}

/// What was known stays where the resolver has no answer.
Task<> HostNames::ask(asio::io_context::executor_type loop, Clock& clock, std::string host,
                      std::shared_ptr<Known> known) {
  asio::ip::basic_resolver<asio::ip::tcp, asio::io_context::executor_type> resolver(loop);
  const auto [failed, results] = co_await resolver.async_resolve(host, "", asio::as_tuple(asio::deferred));
  if (!failed) {
    known->addresses.clear();
    for (const auto& result : results) known->addresses.push_back(result.endpoint().address());
  }
  known->since = clock.now();
  known->asking = false;
  known->answered.notify_all();
}

}  // namespace foodorder::http
