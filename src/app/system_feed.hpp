#pragma once

#include "architecture.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"
#include "load_generator.hpp"
#include "runtime/control.hpp"

#include <memory>
#include <string>
#include <vector>

namespace foodorder::app {

/// `GET /events/system`: the architecture, topic offsets, group lag and assignments, module states, replay progress and
/// the load of this process as server-sent events, when something changed, at most 4 a second. One snapshot is made for
/// all clients, and none while nobody listens.
class SystemFeed {
 public:
  /// `brokers` is where the tools of a terminal reach the same log, empty if none can.
  SystemFeed(Architecture& architecture, Clock& clock, ControlPlane& control, const LoadGenerator& load,
             std::string brokers);

  /// Makes snapshots until stop().
  Task<> run();
  void stop();

  std::vector<http::Route> routes();

 private:
  struct Shared;
  class Stream;

  Task<std::string> snapshot();
  static Task<http::Response> connect(std::shared_ptr<Shared> shared, Clock& clock);

  Architecture& architecture_;
  EventBus& bus_;
  Clock& clock_;
  ControlPlane& control_;
  const LoadGenerator& load_;
  const std::string brokers_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace foodorder::app
