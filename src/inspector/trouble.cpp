#include "trouble.hpp"

#include <fmt/format.h>

namespace foodorder::inspector {

http::Response trouble(const Error& error) {
  switch (error.code) {
    case Errc::not_found:
      return http::not_found("", error.message);
    case Errc::not_authorized:
      return http::problem(403, "not-authorized", "Forbidden", error.message);
    case Errc::group_active:
      return http::problem(409, error.message);
    case Errc::too_large:
      return http::problem(413, error.message);
    case Errc::invalid_argument:
    case Errc::out_of_range:
      return http::unprocessable("", error.message, {});
    case Errc::outcome_unknown:
      return http::unavailable("outcome-unknown", error.message);
    default:
      return http::unavailable("", error.message);
  }
}

http::Response not_found(std::string_view what, std::string_view name) {
  return http::not_found("", fmt::format("there is no {} {}", what, name));
}

}  // namespace foodorder::inspector
