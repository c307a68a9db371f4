#pragma once

#include "fake_modules.hpp"
#include "support/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foodorder::test {

using Ids = std::vector<std::string>;

/// A supervisor on a stage, and what a client of it sees.
struct SupervisorWorld : Stage {
  explicit SupervisorWorld(const Ids& instances = {}) {
    supervisor.on_change([this](const std::string& instance) { changes.push_back(instance); });
    for (const std::string& instance : instances) start(instance);
  }

  void start(const std::string& instance) {
    if (!supervisor.has(instance)) {
      const std::string kind = instance.substr(0, instance.find('-'));
      supervisor.add(kind, instance, Settings(supervisor.find_kind(kind)->settings)).value();
    }
    supervisor.start(instance).value();
    loop.run_ready();
  }
  void crash(const std::string& instance) {
    supervisor.crash(instance).value();
    loop.run_ready();
  }

  InstanceStatus status(const std::string& instance) {
    for (InstanceStatus& status : supervisor.statuses())
      if (status.instance == instance) return std::move(status);
    FAIL("there is no " << instance);
    return {};
  }
  std::string state(const std::string& instance) { return std::string(to_string(status(instance).state)); }

  /// Begins a stop; the value comes when it is done.
  std::shared_ptr<std::optional<Result<void>>> stop(const std::string& instance) {
    auto done = std::make_shared<std::optional<Result<void>>>();
    asio::co_spawn(loop.context, supervisor.stop(instance),
                   [done](std::exception_ptr, Result<void> result) { *done = std::move(result); });
    loop.run_ready();
    return done;
  }

  struct Call {
    http::Request request;
    std::optional<http::Response> response;
  };
  /// GET /fake, asked as the server asks.
  std::shared_ptr<Call> ask(std::string_view body = "") {
    auto call = std::make_shared<Call>();
    call->request.body = body;
    if (routes.empty()) routes = supervisor.routes();
    REQUIRE(routes.size() == 1);
    asio::co_spawn(loop.context, routes.front().handler(call->request),
                   [call](std::exception_ptr, http::Response response) { call->response = std::move(response); });
    loop.run_ready();
    return call;
  }

  Ids changes;
  std::vector<http::Route> routes;
  Supervisor supervisor{loop.context.get_executor(), parts(), kinds()};
};

}  // namespace foodorder::test
