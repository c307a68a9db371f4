#pragma once

#include "base/fault_domain.hpp"
#include "foodorder/base/park.hpp"
#include "foodorder/runtime/module.hpp"
#include "scheduler.hpp"

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foodorder::simulation {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A request on its way: it owns what the views of http::Request point to.
struct Exchange {
  using Answer = std::shared_ptr<http::Response>;  // null: the instance ended first

  Exchange(http::Method method, std::string target, std::string content, Fields header_fields);

  http::Request request;
  std::string path;
  std::string body;
  Fields fields;
  Waiter<Answer> client;
};

/// One module instance through its lives, on an actor of the scheduler.
class Instance {
 public:
  Instance(Scheduler& scheduler, const ModuleKind& kind, std::string id, int process);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] const std::string& kind() const noexcept { return kind_.name; }
  [[nodiscard]] int process() const noexcept { return process_; }
  [[nodiscard]] bool alive() const noexcept { return module_ != nullptr; }
  [[nodiscard]] bool held() const noexcept { return held_; }
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }
  [[nodiscard]] bool paused() const noexcept { return paused_; }
  /// Null while it is not alive.
  [[nodiscard]] const Module* module() const noexcept { return module_.get(); }

  void start(ModuleContext context);
  /// It ends where it stands; what it had been asked is not answered.
  void crash();
  /// Asks it to end in good order.
  void stop();
  void hold(bool held);
  void pause(bool paused);
  void configure(const Settings& settings) { module_->configure(settings); }
  /// Asks it to read the log again; `done` is called with the summary, or null if there is none.
  void replay(std::function<void(std::shared_ptr<json::object>)> done);

  /// Its run() has returned, or thrown: `failure` says what. To be followed by crash(), which buries it.
  [[nodiscard]] bool ended() const noexcept { return ended_ && *ended_; }
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

  /// Completes with the answer; null if the instance is not alive, or ends first.
  Task<Exchange::Answer> ask(std::shared_ptr<Exchange> exchange);

 private:
  const ModuleRoute* route_of(Exchange& exchange) const;

  Scheduler& scheduler_;
  const ModuleKind& kind_;
  const std::string id_;
  const int process_;
  const Scheduler::Actor actor_;
  bool held_ = false;
  bool stopping_ = false;
  bool paused_ = false;
  std::shared_ptr<bool> ended_;
  std::string failure_;
  std::list<std::weak_ptr<Exchange>> asked_;
  std::unique_ptr<FaultDomain> domain_;
  std::unique_ptr<Module> module_;
};

}  // namespace foodorder::simulation
