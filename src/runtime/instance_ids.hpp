#pragma once

#include "runtime/instance_directory.hpp"
#include "runtime/supervisor.hpp"
#include "status_board.hpp"

#include <map>
#include <memory>
#include <string>

namespace foodorder {

/// Takes ids for new instances, so that no id is alive in two processes.
class InstanceIds {
 public:
  /// Holds an id from its first sign until its instance is there.
  struct Claim {};

  /// All references outlive it.
  InstanceIds(Clock& clock, const Supervisor& supervisor, InstanceDirectory& directory, StatusBoard& board,
              std::string process);

  /// Takes `wanted`, or if it is empty "<kind>-<n>" with the next number that is free in all processes: shows the
  /// instance before it is there, and looks whether that was the first sign of it in the log. The id is held as long as
  /// `claim`. Errors: invalid_argument if it is alive; closed after stop(); those of the bus.
  Task<Result<std::string>> take(std::string kind, std::string wanted, std::shared_ptr<Claim>& claim);
  void stop() { stopping_ = true; }

 private:
  Task<std::string> next_free(std::string kind);
  /// Why an id cannot be had; empty if it can.
  [[nodiscard]] std::string why_taken(std::string_view instance) const;

  Clock& clock_;
  const Supervisor& supervisor_;
  InstanceDirectory& directory_;
  StatusBoard& board_;
  std::string process_;
  std::map<std::string, std::weak_ptr<Claim>, std::less<>> claims_;  ///< by instance
  bool stopping_ = false;
};

}  // namespace foodorder
