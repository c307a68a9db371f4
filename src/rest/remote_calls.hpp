#pragma once

#include "arrows.hpp"
#include "elsewhere.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/http/http.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::rest {

/// The calls that services of other processes make, as far as this process knows where these are. Their arrows are
/// asked for about once a second and kept, so that who looks waits for nobody. A service is asked for what it does
/// itself, so that nothing goes in circles where two processes ask each other.
class RemoteCalls {
 public:
  /// All of it outlives this.
  RemoteCalls(Elsewhere& elsewhere, const Arrows& arrows, Clock& clock);

  /// Asks for the arrows, until stop().
  Task<> run();
  void stop();

  /// Adds their arrows as they were last told, with the `url` of their process. One that is not known now has
  /// `trouble`, which says why, and `heardAt` if it ever was known; without that it has no figures.
  void add_arrows(json::array& calls) const;

  /// Adds to `tree` the calls that they made for an order, which are asked for at once; `tree` is nothing where none is
  /// known yet. Gives the services whose calls are not there: {service, url?, error?}.
  Task<json::array> add_calls(std::string order_id, std::optional<json::object>& tree);
  /// The same of all of them, which are not asked.
  [[nodiscard]] json::array all_missing() const;

  /// Whether that is an arrow of another process whose address is known.
  [[nodiscard]] bool has(std::string_view arrow) const;
  /// Passes a `PATCH /api/calls/{arrow}` on to that process, with its body and its credentials. Gives the answer, or a
  /// problem that says which address takes it.
  Task<http::Response> patch(std::string arrow, const http::Request& request);

 private:
  struct Service {
    std::string name;
    std::string url;  ///< empty: nobody says where it is
    std::vector<const TrackedArrow*> arrows;
    std::map<std::string, json::object> told;  ///< its arrows, by their names
    std::optional<Timestamp> heard_at;
    std::string error = "it was not asked yet";  ///< empty: the last look found it
  };

  /// Null if it is none of that service, or nobody says where that is.
  [[nodiscard]] static const TrackedArrow* find(const Service& service, std::string_view arrow);
  Task<> look(Service& service);
  [[nodiscard]] std::string trouble_of(const Service& service) const;
  /// Of one order: null where the service knows of no calls.
  using Tree = Result<json::value>;
  Task<> ask_for_calls(const Service& service, std::string order_id, Tree& tree);

  Elsewhere& elsewhere_;
  Clock& clock_;
  std::vector<Service> services_;
  AsyncEvent ended_;
  bool stopping_ = false;
};

}  // namespace foodorder::rest
