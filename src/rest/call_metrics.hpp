#pragma once

#include "arrows.hpp"

#include <memory>

namespace prometheus {
class Registry;
}

namespace foodorder::rest {

/// What /metrics shows of the calls, by arrow.
class CallMetrics {
 public:
  CallMetrics(prometheus::Registry& registry, Arrows& arrows);
  ~CallMetrics();
  CallMetrics(const CallMetrics&) = delete;
  CallMetrics& operator=(const CallMetrics&) = delete;

  /// Sets them to what is now.
  void update();

 private:
  struct Families;

  Arrows& arrows_;
  std::unique_ptr<Families> families_;
};

}  // namespace foodorder::rest
