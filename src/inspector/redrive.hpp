#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"
#include "letters.hpp"
#include "message_query.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace foodorder::inspector {

/// Which letters are to go where they came from; web/openapi.json, Redrive.
struct RedriveRequest {
  static constexpr std::size_t letters_max = 1'000;
  static constexpr std::int64_t count_max = 3;  ///< above this it asks again

  static RedriveRequest from_json(const json::object& body, Problems& errors);

  [[nodiscard]] bool is_confirmed(std::int64_t offset) const { return confirm_all || confirmed.contains(offset); }

  std::vector<std::int64_t> offsets;  ///< none: by reason, or all
  std::optional<std::string> reason;
  std::int64_t after = 0;
  bool dry_run = false;
  bool confirm_all = false;
  std::set<std::int64_t> confirmed;
  std::map<std::int64_t, std::optional<std::string>> edits;  ///< offset: another value
};

/// `POST /api/bus/dlq/redrive`. `bus` and `clock` outlive the routes.
std::vector<http::Route> redrive_routes(EventBus& bus, Clock& clock);

}  // namespace foodorder::inspector
