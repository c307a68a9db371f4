#include "trouble.hpp"

#include <fmt/format.h>

namespace foodorder::inspector {

http::Response trouble(const Error& error, const boost::json::object& members) {
  switch (error.code) {
    case Errc::not_found:
      return http::problem(404, "", error.message, {}, members);
    case Errc::not_authorized:
      return http::problem(403, "not-authorized", error.message, {}, members);
    case Errc::group_active:
      return http::problem(409, "", error.message, {}, members);
    case Errc::too_large:
      return http::problem(413, "", error.message, {}, members);
    case Errc::invalid_argument:
    case Errc::out_of_range:
      return http::problem(422, "", error.message, {}, members);
    case Errc::outcome_unknown:
      return http::unavailable("outcome-unknown", error.message, members);
    default:
      return http::unavailable("", error.message, members);
  }
}

http::Response not_found(std::string_view what, std::string_view name) {
  return http::not_found("", fmt::format("there is no {} {}", what, name));
}

}  // namespace foodorder::inspector
