#pragma once

#include "breaker.hpp"
#include "foodorder/base/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace foodorder::calls {

/// One request of a call.
struct TryRecord {
  Timestamp begun{};
  Timestamp ended{};
  Timestamp deadline{};   ///< until when its answer was waited for
  bool is_probe = false;  ///< it was let through by a breaker that is half-open
  std::string error;      ///< why it failed; empty: it was answered
};

/// What became of one call, for those who look at it afterwards.
struct CallRecord {
  std::string subject;      ///< as its Call says
  std::string event;        ///< likewise
  std::string traceparent;  ///< as it was sent
  Timestamp begun{};
  Timestamp ended{};
  Timestamp deadline{};
  std::vector<TryRecord> tries;
  std::string_view refused_by;  ///< "breaker", "bulkhead", "deadline": nothing was sent; empty: it was not refused
  std::string_view
      not_retried;    ///< "breaker", "budget", "deadline": why a further try was not made; empty: no other reason
  std::string error;  ///< empty: it was answered
  int status = 0;     ///< of the answer
};

}  // namespace foodorder::calls
