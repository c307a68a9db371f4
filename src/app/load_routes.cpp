#include "load_generator.hpp"
#include "request_body.hpp"
#include "runtime/control.hpp"

namespace foodorder::app {

namespace {

constexpr std::int64_t seed_max = 2'147'483'647;  // what every JSON reader keeps exactly

const std::vector<SettingSpec>& load_fields() {
  static const std::vector<SettingSpec> fields = {
      SettingSpec::number("rate", 0, 0, LoadGenerator::rate_max_per_second, "orders a second; 0 ends the load"),
      SettingSpec::choice("scenario", "steady", load_scenarios(), "who orders, and when"),
      SettingSpec::integer("seed", 0, 0, seed_max, "the same seed, the same orders")};
  return fields;
}

/// The load that a body asks for; `problems` holds what is wrong with it.
LoadGenerator::Load load_of(const json::object& body, Problems& problems) {
  check_settings(load_fields(), body, "", problems);
  if (!body.contains("rate")) problems.emplace_back("rate", "rate is required: " + load_fields().front().allowed());
  LoadGenerator::Load load;
  if (!problems.empty()) return load;
  Settings fields(load_fields());
  for (const auto& [name, value] : settings_from_json(body).value()) fields.set(name, value).value();
  load.rate_per_second = fields.number("rate");
  load.scenario = *load_scenario_from(fields.text("scenario"));
  load.seed = static_cast<std::uint64_t>(fields.integer("seed"));
  return load;
}

Task<http::Response> answer(LoadGenerator& load) { co_return http::json_response(serialize_json(load.status())); }

Task<http::Response> put(LoadGenerator& load, http::Request& request) {
  json::object body;
  if (auto wrong = read_object(request, body)) co_return std::move(*wrong);
  Problems problems;
  const LoadGenerator::Load asked = load_of(body, problems);
  if (!problems.empty()) co_return unprocessable(problems);
  load.set(asked);
  http::Response response = co_await answer(load);
  co_return response;
}

Task<http::Response> end(LoadGenerator& load) {
  load.end();
  http::Response response = co_await answer(load);
  co_return response;
}

}  // namespace

std::vector<http::Route> load_routes(LoadGenerator& load) {
  using http::Method;
  constexpr std::string_view path = "/api/load";
  std::vector<http::Route> routes;
  routes.emplace_back(Method::get, std::string(path), [&load](http::Request&) { return answer(load); });
  routes.emplace_back(
      Method::put, std::string(path), [&load](http::Request& request) { return put(load, request); },
      http::Access::control);
  routes.emplace_back(
      Method::delete_, std::string(path), [&load](http::Request&) { return end(load); }, http::Access::control);
  return routes;
}

}  // namespace foodorder::app
