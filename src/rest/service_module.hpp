#pragma once

#include "addresses.hpp"
#include "foodorder/runtime/module.hpp"
#include "http/network.hpp"
#include "monolith/order_module.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foodorder::rest {

/// A service and what it does besides. Services of its own process call it at an HTTP server of its own, on a port of
/// its own of 127.0.0.1; those of others at the port of the process (service_route()).
struct ServiceParts {
  ServiceParts(http::Network& over, Addresses& book, std::string who)
      : network(over), addresses(book), service(std::move(who)) {}

  http::Network& network;
  Addresses& addresses;
  std::string service;  ///< "fraud"
  std::vector<http::Route> routes;
  bool called_here = true;         ///< a service of this process calls it
  bool answers_fail = true;        ///< by `faultDelayMs` and `faultRate`; else only its worker does
  std::unique_ptr<Module> worker;  ///< runs beside the server; its settings and figures are the service's
  std::unique_ptr<monolith::Companion> companion;  ///< may be null
  /// Others still have something to tell it: a stop waits for them, for a moment. May be null.
  std::function<bool()> is_awaited;
};

/// A stop answers the requests in flight, then ends what runs beside. While it is paused, requests wait, as those of a
/// process that hangs. One whose deadline is past is answered with 504, and nothing is done for it.
std::unique_ptr<Module> make_service_module(const ModuleContext& context, ServiceParts parts);
/// A POST that such a module answers at the port of the process, too.
ModuleRoute service_route(std::string path);

}  // namespace foodorder::rest
