#include "router.hpp"

#include "foodorder/base/utf8.hpp"
#include "text.hpp"

#include <algorithm>
#include <stdexcept>

namespace foodorder::http {

namespace {

bool is_parameter(std::string_view segment) noexcept { return !segment.empty() && segment.front() == '{'; }

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    segments.emplace_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

/// True if `path` has exactly these segments; a parameter takes any that is not empty.
bool matches(const std::vector<std::string>& segments, std::string_view path) noexcept {
  std::size_t begin = 1;
  for (const std::string& segment : segments) {
    if (begin > path.size()) return false;
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view text = path.substr(begin, end - begin);
    if (is_parameter(segment) ? text.empty() : text != segment) return false;
    begin = end + 1;
  }
  return begin > path.size();
}

void set_allow(Router::Place& place) {
  std::string allow;
  for (const Method method : {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::delete_})
    if (place.route(method)) allow.append(to_string(method)).append(", ");
  place.allow = allow + "OPTIONS";
}

}  // namespace

const Route* Router::Place::route(Method method) const noexcept {
  const Route* const found = by_method[static_cast<std::size_t>(method)];
  if (!found && method == Method::head) return by_method[static_cast<std::size_t>(Method::get)];
  return found;
}

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
  for (const Route& route : routes_) {
    if (route.pattern.empty() || route.pattern.front() != '/')
      throw std::invalid_argument("the route '" + route.pattern + "' does not begin with '/'");
    Place& place = place_of(route.pattern);
    const Route*& slot = place.by_method[static_cast<std::size_t>(route.method)];
    if (slot)
      throw std::invalid_argument(std::string(to_string(route.method)) + " " + route.pattern + " is there twice");
    slot = &route;
    if (route.access == Access::probe) place.any_host = true;
  }
  for (auto& [path, place] : exact_) set_allow(place);
  for (Pattern& pattern : patterns_) set_allow(pattern.place);
  std::stable_sort(patterns_.begin(), patterns_.end(), [](const Pattern& a, const Pattern& b) {
    return std::lexicographical_compare(
        a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
        [](const std::string& x, const std::string& y) { return !is_parameter(x) && is_parameter(y); });
  });
}

Router::Place& Router::place_of(const std::string& pattern) {
  if (pattern.find('{') == std::string::npos) return exact_[pattern];
  std::vector<std::string> segments = split(pattern);
  for (const std::string& segment : segments)
    if (is_parameter(segment) && (segment.size() < 3 || segment.back() != '}'))
      throw std::invalid_argument("the route '" + pattern + "' has a malformed parameter");
  for (Pattern& known : patterns_)
    if (known.segments == segments) return known.place;
  Pattern& added = patterns_.emplace_back();
  added.segments = std::move(segments);
  return added.place;
}

const Router::Place* Router::find(Request& request, bool& well_formed) const {
  well_formed = true;
  if (const auto found = exact_.find(request.path); found != exact_.end()) return &found->second;
  for (const Pattern& pattern : patterns_) {
    if (!matches(pattern.segments, request.path)) continue;
    std::size_t begin = 1;
    for (const std::string& segment : pattern.segments) {
      const std::size_t end = std::min(request.path.find('/', begin), request.path.size());
      if (is_parameter(segment)) {
        auto value = percent_decode(request.path.substr(begin, end - begin));
        if (!value || value->find('\0') != std::string::npos || !is_utf8(*value)) {  // answers repeat it in JSON
          well_formed = false;
          return &pattern.place;
        }
        if (*value == "." || *value == "..") return nullptr;  // never a name of anything
        request.path_parameters.emplace_back(std::string_view(segment).substr(1, segment.size() - 2),
                                             *std::move(value));
      }
      begin = end + 1;
    }
    return &pattern.place;
  }
  return nullptr;
}

}  // namespace foodorder::http
