#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/json.hpp"
#include "http/client.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::rest {

/// "http://fraud:3001".
std::string url_of(const http::Address& address);

/// The services that run in other processes: whether each is where its address says.
class Elsewhere {
 public:
  using MakeClient = std::function<std::unique_ptr<http::Client>(const std::string& service)>;

  /// `clock` outlives it, and so does what the clients use.
  Elsewhere(std::map<std::string, http::Address, std::less<>> services, const MakeClient& make_client, Clock& clock);

  /// Asks all of them. Adds `{service, url, error?}` for each to `shown`, and gives why this process is not ready for
  /// it; empty if it is. A wrong address never gets right by itself. A service that does not answer, and has done so
  /// before, is shown only: it is for its own readiness to say, and the others are made to go on without it.
  Task<std::string> look(json::array& shown);

  /// What the process of that service answers, once it has said that it is the one: nothing is asked of another one at
  /// its address. Completes by the deadline. Errors: unavailable, outcome_unknown, with a message that says which
  /// service and why.
  Task<Result<http::ClientAnswer>> ask(std::string name, http::ClientRequest request, Timestamp deadline);
  /// Where a service is; empty if this process does not call it, or has it itself.
  [[nodiscard]] std::string url(std::string_view name) const;

 private:
  struct Service {
    std::string name;
    http::Address address;
    std::unique_ptr<http::Client> client;
    bool was_reached = false;
  };
  struct Finding {
    std::string error;  ///< empty: it is there
    bool is_wrong = false;
  };

  Task<> find(Service& service, Finding& finding, Timestamp deadline);

  Clock& clock_;
  std::vector<Service> services_;
};

}  // namespace foodorder::rest
