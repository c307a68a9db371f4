#pragma once

#include "foodorder/base/result.hpp"

#include <string>
#include <utility>

namespace foodorder {

/// For a loop that tries again: the log hears once that it fails and once that it works again, however often it tries.
/// A bus that is out of reach is told of by the bus itself, so a loop says that at level info only.
class RetryLog {
 public:
  /// `what` names the loop: "fraud-1".
  explicit RetryLog(std::string what) : what_(std::move(what)) {}

  void failed(const Error& why);
  void worked();

 private:
  std::string what_;
  bool failing_ = false;
  bool warned_ = false;  ///< the log has it at level warn
};

}  // namespace foodorder
