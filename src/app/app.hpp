#pragma once

#include "architecture.hpp"
#include "config/config.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "http/server.hpp"
#include "load_generator.hpp"
#include "runtime/control.hpp"
#include "runtime/supervisor.hpp"
#include "system_feed.hpp"

#include <prometheus/registry.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <span>

namespace foodorder {

/// The program: build, run, stop. Everything runs on the one thread that calls run().
class App {
 public:
  /// Builds everything and binds the ports. Throws std::runtime_error with one clear line.
  App(const Config& config, std::span<const ModuleKind> kinds);
  ~App();

  /// Serves until SIGTERM, SIGINT or SIGHUP, then drains within 5 s; a process that only replays ends when that is
  /// done. Gives the exit status: 1 for a replay that failed, else 0. Throws std::runtime_error with one clear line for
  /// an instance that cannot be had, such as one that is alive in another process.
  int run();

 private:
  template <class Make>
  auto naming_origins(std::initializer_list<const char*> keys, Make make) const;
  /// `routes`: those of the modules.
  void make_servers(std::vector<http::Route> routes);
  void announce() const;
  [[nodiscard]] std::vector<std::string> links() const;
  Task<> serve();
  Task<> run_modules();
  Task<> start_instances();
  Task<> add_instance(const ModuleChoice& choice);
  void replay_if_asked();
  Task<> replay_and_end();
  Task<> prepare_topics();
  Task<> serve_until_drained();
  Task<> wait_for_signal();
  /// Drains as SIGTERM does.
  void end();

  // Users stand below what they use. The loop is last to go: it frees what is still parked.
  const Config& config_;
  asio::io_context loop_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<IdSource> ids_;
  prometheus::Registry metrics_;
  const std::vector<Topic> topics_;  ///< of the program and of its modules
  std::unique_ptr<app::Architecture> architecture_;
  EventBus* bus_ = nullptr;  ///< the architecture's
  std::unique_ptr<Supervisor> supervisor_;
  std::unique_ptr<ControlPlane> control_;
  std::unique_ptr<app::LoadGenerator> load_;
  std::unique_ptr<app::SystemFeed> system_feed_;
  std::string token_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Server> inspector_;
  asio::signal_set signals_;
  bool ending_ = false;
  bool draining_ = false;
  int status_ = EXIT_SUCCESS;
  std::string trouble_ = "the topics are not there yet";  ///< why it is not ready; empty when it is
  std::string refusal_;                                   ///< why it cannot run
};

}  // namespace foodorder
