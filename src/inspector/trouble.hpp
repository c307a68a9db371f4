#pragma once

#include "foodorder/base/result.hpp"
#include "foodorder/http/problems.hpp"

#include <boost/json/object.hpp>

#include <string_view>

namespace foodorder::inspector {

/// What the bus could not do, as an answer: 404, 403, 409, 413, 422, or 503 with the type `outcome-unknown` where it
/// may have been done. `members` are extensions of the problem.
http::Response trouble(const Error& error, const boost::json::object& members = {});

http::Response not_found(std::string_view what, std::string_view name);

}  // namespace foodorder::inspector
