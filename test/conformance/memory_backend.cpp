#include "backend.hpp"

#include "bus_memory/memory_bus.hpp"

namespace foodorder::conformance {

namespace {

Backend memory_on(std::string name, std::unique_ptr<Stage> (*make_stage)()) {
  Backend backend;
  backend.name = std::move(name);
  backend.make_stage = make_stage;
  backend.make_bus = [](Stage& stage) {
    MemoryBusOptions options;
    options.log_id = "conformance-" + std::to_string(to_unix_millis(stage.clock().stamp()));
    options.housekeeping_interval = std::chrono::milliseconds(200);
    return make_memory_bus(stage.executor(), stage.clock(), std::move(options));
  };
  backend.members_can_be_held = true;
  return backend;
}

}  // namespace

Backend memory_backend() { return memory_on("memory", make_virtual_stage); }

Backend memory_in_real_time() { return memory_on("memory in real time", make_real_stage); }

}  // namespace foodorder::conformance
