#include "inspector.hpp"

#include "dead_letters.hpp"
#include "groups.hpp"
#include "messages.hpp"
#include "offset_reset.hpp"
#include "produce.hpp"
#include "redrive.hpp"
#include "topics.hpp"

namespace foodorder {

std::vector<http::Route> inspector_routes(EventBus& bus, Clock& clock) {
  std::vector<http::Route> routes;
  const auto add = [&](std::vector<http::Route> more) {
    for (http::Route& route : more) routes.push_back(std::move(route));
  };
  add(inspector::topic_routes(bus, clock));
  add(inspector::message_routes(bus, clock));
  add(inspector::produce_routes(bus, clock));
  add(inspector::group_routes(bus, clock));
  add(inspector::reset_routes(bus, clock));
  add(inspector::dead_letter_routes(bus));
  add(inspector::redrive_routes(bus, clock));
  return routes;
}

}  // namespace foodorder
