#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/task.hpp"
#include "foodorder/base/wait.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace foodorder::http {

/// The IP addresses of hosts, as the system's resolver gives them. A lookup may hang: nobody waits for one longer than
/// they want to, and what is known already is used meanwhile.
class HostNames {
 public:
  using Addresses = std::vector<asio::ip::address>;

  /// `clock` outlives what is asked.
  HostNames(asio::io_context::executor_type loop, Clock& clock) : loop_(std::move(loop)), clock_(clock) {}

  /// Completes by `deadline`; empty where the name means nothing, or nothing is known of it in time. One that was
  /// looked up a while ago is looked up again for those who ask later: a container that starts again has another.
  Task<Addresses> find(std::string host, Timestamp deadline);

 private:
  struct Known {
    Addresses addresses;
    Timestamp since{};
    bool asking = false;
    Condition answered;
  };

  static Task<> ask(asio::io_context::executor_type loop, Clock& clock, std::string host, std::shared_ptr<Known> known);

  const asio::io_context::executor_type loop_;
  Clock& clock_;
  std::map<std::string, std::shared_ptr<Known>> hosts_;
};

}  // namespace foodorder::http
