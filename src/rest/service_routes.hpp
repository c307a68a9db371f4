#pragma once

#include "database/service_tables.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/http/http.hpp"
#include "monolith/fraud_gate.hpp"

#include <memory>
#include <vector>

// What the services answer each other. A request that comes twice, because its first answer was lost, gets the same
// answer, and is done once.

namespace foodorder::rest {

/// POST /check: 200, the verdict as it stands on `audit`.
std::vector<http::Route> fraud_routes(database::ServiceStore& store, Clock& clock,
                                      std::shared_ptr<const monolith::FraudGate> gate);
/// POST /notify: 202, {taken}. The notification follows later, with retries of its own.
std::vector<http::Route> notification_routes(database::ServiceStore& store);
/// POST /audit: 201 or 200, {taken}.
std::vector<http::Route> audit_routes(database::ServiceStore& store);

}  // namespace foodorder::rest
