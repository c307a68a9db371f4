#include "remote_calls.hpp"

#include "foodorder/base/join.hpp"
#include "foodorder/http/problems.hpp"
#include "order_http/conditions.hpp"
#include "shape.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <utility>

namespace foodorder::rest {

namespace {

constexpr Duration look_interval = std::chrono::seconds(1);
constexpr Duration answer_max = std::chrono::milliseconds(500);
/// An answer may be late or lost on a busy machine: that says nothing about the arrows yet.
constexpr Duration stale_after = std::chrono::seconds(3);

constexpr std::size_t tree_max_bytes = 1 << 20;
constexpr std::array<const char*, 2> credentials = {"Authorization", "X-Foodorder-Token"};

/// What an arrow tells only at times.
const json::object& sometimes() {
  static const json::object members{{"untold", 0}, {"probesAt", ""}, {"probesPassed", 0}, {"lastError", ""}};
  return members;
}

bool is_state(std::string_view text) {
  using State = calls::Breaker::State;
  constexpr std::array states = {State::closed, State::open, State::half_open};
  return std::ranges::any_of(states, [&](State state) { return calls::to_string(state) == text; });
}

/// An arrow as its process tells it, as far as this process knows the members; nothing if it is not that one, or lacks
/// what the page draws.
std::optional<json::object> read_arrow(const TrackedArrow& arrow, const json::value& told) {
  json::object kept = to_json(arrow);
  if (!has_shape_of(told, kept) || told.at("arrow") != kept.at("arrow") ||
      !is_state(text_at(told.get_object(), "breaker")))
    return {};
  for (json::key_value_pair& member : kept) member.value() = told.at(member.key());
  for (const json::key_value_pair& member : sometimes())
    if (const json::value* value = told.get_object().if_contains(member.key());
        value && has_shape_of(*value, member.value()))
      kept[member.key()] = *value;
  return kept;
}

/// A service whose calls are not shown, and why, if it was asked.
json::object absent(const std::string& service, const std::string& url, const std::string& error = {}) {
  json::object entry{{"service", service}};
  if (!url.empty()) entry["url"] = url;
  if (!error.empty()) entry["error"] = error;
  return entry;
}

std::string untold_by(std::string_view service, std::string_view url) {
  return fmt::format("the {} service at {} does not tell of its calls", service, url);
}

/// Why another process did not do what it was asked, and where it can be asked again.
std::string refusal_of(std::string_view service, const std::string& url, const http::ClientAnswer& answer) {
  const auto body = parse_json(answer.body);
  const std::string_view detail = body && body->is_object() ? text_at(body->get_object(), "detail") : "";
  return fmt::format("the {} service at {} answers {}{}{}", service, url, answer.status, detail.empty() ? "" : ": ",
                     detail);
}

}  // namespace

RemoteCalls::RemoteCalls(Elsewhere& elsewhere, const Arrows& arrows, Clock& clock)
    : elsewhere_(elsewhere), clock_(clock) {
  for (const TrackedArrow* arrow : arrows.elsewhere()) {
    const std::string& from = arrow->caller->arrow().from;
    if (services_.empty() || services_.back().name != from) {
      services_.emplace_back();
      services_.back().name = from;
      services_.back().url = elsewhere_.url(from);
    }
    services_.back().arrows.push_back(arrow);
  }
}

Task<> RemoteCalls::run() {
  while (!stopping_) {
    std::vector<Task<>> looks;
    for (Service& service : services_)
      if (!service.url.empty()) looks.push_back(look(service));
    if (looks.empty()) co_return;
    co_await join(std::move(looks));
    if (!stopping_) co_await ended_.wait_until(clock_, clock_.now() + look_interval);
  }
}

void RemoteCalls::stop() {
  stopping_ = true;
  ended_.set();
}

json::array RemoteCalls::all_missing() const {
  json::array missing;
  for (const Service& service : services_) missing.push_back(absent(service.name, service.url));
  return missing;
}

Task<json::array> RemoteCalls::add_calls(std::string order_id, std::optional<json::object>& tree) {
  std::vector<Tree> trees(services_.size(), Tree(json::value()));
  std::vector<Task<>> parts;
  for (std::size_t i = 0; i < services_.size(); ++i)
    if (!services_[i].url.empty()) parts.push_back(ask_for_calls(services_[i], order_id, trees[i]));
  co_await join(std::move(parts));
  json::array missing;
  for (std::size_t i = 0; i < services_.size(); ++i) {
    const Service& service = services_[i];
    if (service.url.empty())
      missing.push_back(absent(service.name, service.url));
    else if (!trees[i])
      missing.push_back(absent(service.name, service.url, trees[i].error().message));
    else if (!trees[i]->is_null() && !rest::add_calls(tree, *trees[i], service.name))
      missing.push_back(absent(service.name, service.url, untold_by(service.name, service.url)));
  }
  co_return missing;
}

Task<> RemoteCalls::ask_for_calls(const Service& service, std::string order_id, Tree& tree) {
  http::ClientRequest request(http::Method::get,
                              fmt::format("/api/orders/{}/calls?here=true", order::percent_encode(order_id)));
  request.answer_max_bytes = tree_max_bytes;
  const auto answer = co_await elsewhere_.ask(service.name, std::move(request), clock_.now() + answer_max);
  if (!answer)
    tree = answer.error();
  else if (answer->status == 200)
    tree = parse_json(answer->body);
  else if (answer->status != 404)
    tree = Error(Errc::unavailable, refusal_of(service.name, service.url, *answer));
}

bool RemoteCalls::has(std::string_view arrow) const {
  return std::ranges::any_of(services_, [&](const Service& service) { return find(service, arrow) != nullptr; });
}

const TrackedArrow* RemoteCalls::find(const Service& service, std::string_view arrow) {
  if (service.url.empty()) return nullptr;
  for (const TrackedArrow* each : service.arrows)
    if (each->caller->arrow().name == arrow) return each;
  return nullptr;
}

Task<> RemoteCalls::look(Service& service) {
  http::ClientRequest request(http::Method::get, "/api/calls");
  const auto answer = co_await elsewhere_.ask(service.name, std::move(request), clock_.now() + answer_max);
  if (!answer) {
    service.error = answer.error().message;
    co_return;
  }
  const auto body = parse_json(answer->body);
  std::map<std::string, json::object> told;
  if (answer->status == 200 && body && body->is_array())
    for (const TrackedArrow* arrow : service.arrows)
      for (const json::value& shown : body->get_array())
        if (auto read = read_arrow(*arrow, shown)) told[arrow->caller->arrow().name] = std::move(*read);
  if (told.size() < service.arrows.size()) {
    service.error = untold_by(service.name, service.url);
    co_return;
  }
  service.told = std::move(told);
  service.heard_at = clock_.now();
  service.error.clear();
}

std::string RemoteCalls::trouble_of(const Service& service) const {
  const bool is_recent = service.heard_at && clock_.now() < *service.heard_at + stale_after;
  return is_recent ? std::string() : service.error;
}

void RemoteCalls::add_arrows(json::array& calls) const {
  for (const Service& service : services_) {
    if (service.url.empty()) continue;
    const std::string trouble = trouble_of(service);
    for (const TrackedArrow* arrow : service.arrows) {
      const auto told = service.told.find(arrow->caller->arrow().name);
      json::object shown = told == service.told.end() ? names_of(arrow->caller->arrow()) : told->second;
      shown["url"] = service.url;
      if (!trouble.empty()) shown["trouble"] = trouble;
      if (!trouble.empty() && service.heard_at) shown["heardAt"] = to_iso_millis(*service.heard_at).view();
      calls.push_back(std::move(shown));
    }
  }
}

Task<http::Response> RemoteCalls::patch(std::string arrow, const http::Request& request) {
  Service& service =
      *std::ranges::find_if(services_, [&](const Service& each) { return find(each, arrow) != nullptr; });
  http::ClientRequest passed(http::Method::patch, "/api/calls/" + arrow);
  passed.body = request.body;
  for (const char* name : credentials)
    if (const auto value = request.header(name)) passed.headers.emplace_back(name, *value);
  const auto answer = co_await elsewhere_.ask(service.name, std::move(passed), clock_.now() + answer_max);
  if (!answer)
    co_return http::unavailable("service-unavailable",
                                fmt::format("{}; {} changes this arrow", answer.error().message, service.url));
  const auto body = parse_json(answer->body);
  auto changed = answer->status == 200 && body ? read_arrow(*find(service, arrow), *body) : std::nullopt;
  if (!changed) {
    const std::string why = refusal_of(service.name, service.url, *answer);
    const bool is_denied = answer->status == 401 || answer->status == 403;
    co_return is_denied ? http::problem(403, why) : http::unavailable("service-unavailable", why);
  }
  if (const auto told = service.told.find(arrow); told != service.told.end())
    told->second["fault"] = changed->at("fault");  // until it is told itself
  (*changed)["url"] = service.url;
  co_return http::json_response(serialize_json(*changed));
}

}  // namespace foodorder::rest
