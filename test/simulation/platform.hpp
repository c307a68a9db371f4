#pragma once

#include "foodorder/runtime/module.hpp"
#include "verify/verifier.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foodorder::simulation {

/// What the modules of a world run on: a bus that carries the log, or a database. It has the faults, and the log as it
/// is, without them.
class Platform {
 public:
  virtual ~Platform() = default;

  [[nodiscard]] virtual const std::vector<ModuleKind>& kinds() const = 0;
  /// What an instance is given that starts now in that process.
  virtual EventBus& bus(int process) = 0;
  virtual Clock& clock(int process) = 0;

  /// Whether things go wrong.
  virtual void set_faulty(bool faulty) = 0;
  /// All instances of that process were killed.
  virtual void kill(int /*process*/) {}
  /// Something that goes wrong by itself, for that time.
  virtual void trouble(Duration /*until_later*/) {}
  /// The instances that are to crash now.
  virtual std::vector<std::string> doomed() { return {}; }

  /// Grows with each write that may have come to the log.
  [[nodiscard]] virtual std::uint64_t writes() const = 0;
  /// What has come since the last call. Those of `orders` come before what follows from them.
  virtual std::vector<ConsumerRecord> read_on() = 0;
  /// What work is left, if there is any.
  virtual std::optional<std::string> unsettled() = 0;
  /// How old the reports of modules may be at the end.
  [[nodiscard]] virtual Duration report_age() const { return Duration::zero(); }
  /// How long a client may wait for the answer to its order; nothing if no one can say.
  [[nodiscard]] virtual std::optional<Duration> answer_max() const { return {}; }
  /// Whatever else must be true at the end.
  virtual void check_end(verify::Verifier& /*verifier*/) {}

  /// Writes to the log as a foreign producer would, past all faults.
  virtual void produce(ProducerRecord /*record*/) {}
  /// An operator starts a dead job again, where there are jobs; else false.
  virtual bool retry_dead_job() { return false; }
};

}  // namespace foodorder::simulation
