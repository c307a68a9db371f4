#pragma once

#include "foodorder/base/result.hpp"

#include <string>
#include <utility>

namespace foodorder {

/// For a loop that tries again: logs once that it fails and once that it works again, however often it tries. The bus
/// itself logs that it is out of reach, so a loop logs that at level info only.
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
