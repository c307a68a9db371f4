#pragma once

#include "arrows.hpp"
#include "foodorder/http/http.hpp"
#include "remote_calls.hpp"

#include <vector>

namespace foodorder::rest {

/// GET /api/orders/{id}/calls; PATCH /api/calls/{arrow}, which makes one arrow refuse, delay or lose its calls, also
/// one of another process.
std::vector<http::Route> call_routes(Arrows& arrows, RemoteCalls& remote);

}  // namespace foodorder::rest
