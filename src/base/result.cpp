#include "foodorder/base/result.hpp"

namespace foodorder {

const char* to_string(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::not_found:
      return "not_found";
    case Errc::closed:
      return "closed";
    case Errc::queue_full:
      return "queue_full";
    case Errc::too_large:
      return "too_large";
    case Errc::fenced:
      return "fenced";
    case Errc::group_active:
      return "group_active";
    case Errc::topic_mismatch:
      return "topic_mismatch";
    case Errc::unavailable:
      return "unavailable";
    case Errc::outcome_unknown:
      return "outcome_unknown";
    case Errc::out_of_range:
      return "out_of_range";
    case Errc::not_authorized:
      return "not_authorized";
    case Errc::unsupported:
      return "unsupported";
  }
  return "unknown";
}

}  // namespace foodorder
