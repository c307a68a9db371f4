#pragma once

#include "foodorder/http/http.hpp"

#include <array>
#include <unordered_map>

namespace foodorder::http {

/// Finds the route of a path. Exact paths win over patterns, patterns with earlier fixed segments over others;
/// nothing is normalised: "/a/" and "/b/../a" are not "/a".
class Router final {
 public:
  /// All routes of one path or pattern.
  struct Place {
    [[nodiscard]] const Route* route(Method method) const noexcept;
    std::array<const Route*, 7> by_method{};
    std::string allow;      ///< "GET, HEAD, OPTIONS"
    bool any_host = false;  ///< one of the routes is Access::probe
  };

  /// Throws std::invalid_argument if a method and pattern repeat, or a pattern is malformed.
  explicit Router(std::vector<Route> routes);
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Null if there is none. Sets the path parameters of `request`; false in `well_formed` if one of them
  /// has a malformed escape (400).
  const Place* find(Request& request, bool& well_formed) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
  };
  struct Pattern {
    std::vector<std::string> segments;  ///< "{name}" stands for any
    Place place;
  };

  Place& place_of(const std::string& pattern);

  std::vector<Route> routes_;
  std::unordered_map<std::string, Place, Hash, std::equal_to<>> exact_;
  std::vector<Pattern> patterns_;
};

}  // namespace foodorder::http
