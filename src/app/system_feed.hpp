#pragma once

#include "foodorder/base/wait.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"
#include "load_generator.hpp"
#include "runtime/control.hpp"

#include <memory>
#include <vector>

namespace foodorder::app {

/// `GET /events/system`: topic offsets, group lag and assignments, module states, replay progress and the load of this
/// process as server-sent events, when something changed, at most 4 a second. One snapshot is made for all clients, and
/// none while nobody listens.
class SystemFeed {
 public:
  SystemFeed(EventBus& bus, Clock& clock, ControlPlane& control, const LoadGenerator& load);

  /// Makes snapshots until stop().
  Task<> run();
  void stop();

  std::vector<http::Route> routes();

 private:
  struct Shared;
  class Stream;

  Task<std::string> snapshot();
  static Task<http::Response> connect(std::shared_ptr<Shared> shared, Clock& clock);

  EventBus& bus_;
  Clock& clock_;
  ControlPlane& control_;
  const LoadGenerator& load_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace foodorder::app
