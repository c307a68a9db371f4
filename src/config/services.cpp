#include "options.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::config {

namespace {

struct Call {
  const char* from;
  const char* to;
};
constexpr std::array<Call, 5> calls = {
    {{"order", "fraud"}, {"order", "notification"}, {"order", "audit"}, {"fraud", "audit"}, {"notification", "audit"}}};

const ServiceUrl& url_of(std::string_view service) {
  return *std::ranges::find(service_urls, service, [](const ServiceUrl& url) { return std::string_view(url.service); });
}

/// A service that this process calls is here, or somewhere.
std::optional<ConfigError> check_callees(const Config& config) {
  for (const Call& call : calls) {
    const ServiceUrl& url = url_of(call.to);
    if (!config.has_module(call.from) || config.has_module(call.to) || !(config.*url.field).empty()) continue;
    return ConfigError{
        fmt::format("--architecture=rest: {} calls {}, which is not among --modules: say where it is by {}{}",
                    call.from, call.to, url.flag, config.origins_of({"modules", url.key}))};
  }
  return {};
}

/// The file and the environment may be those of all processes; a flag is for this one.
std::optional<ConfigError> check_flags(const Config& config) {
  const auto by_flag = [&](const char* key) { return config.origins.find(key)->second.starts_with("flag"); };
  for (const ServiceUrl& url : service_urls) {
    if (!by_flag(url.key)) continue;
    if (config.has_module(url.service))
      return ConfigError{fmt::format("{} is for the {} service of another process: --modules has one here{}", url.flag,
                                     url.service, config.origins_of({url.key, "modules"}))};
    const auto calls_it = [&](const Call& call) {
      return std::string_view(call.to) == url.service && config.has_module(call.from);
    };
    if (std::none_of(calls.begin(), calls.end(), calls_it))
      return ConfigError{fmt::format("{}: nothing among --modules calls {}{}", url.flag, url.service,
                                     config.origins_of({url.key, "modules"}))};
  }
  if (by_flag("onFraudDown") && !config.has_module("order"))
    return ConfigError{"--on-fraud-down is for the order service, which is not among --modules" +
                       config.origins_of({"onFraudDown", "modules"})};
  return {};
}

}  // namespace

std::optional<ConfigError> check_services(const Config& config) {
  if (auto wrong = check_callees(config)) return wrong;
  if (auto wrong = check_flags(config)) return wrong;
  if (config.has_module("analytics") && !config.has_module("order"))
    return ConfigError{"--architecture=rest: analytics follows the order service: it needs order among --modules" +
                       config.origins_of({"modules"})};
  if (!config.serves_http())
    return ConfigError{"--architecture=rest: services are called over HTTP: a process without order needs a --port" +
                       config.origins_of({"modules"})};
  return {};
}

}  // namespace foodorder::config

namespace foodorder {

std::map<std::string, std::string, std::less<>> Config::services_elsewhere() const {
  std::map<std::string, std::string, std::less<>> elsewhere;
  for (const config::Call& call : config::calls)
    if (has_module(call.from) && !has_module(call.to)) elsewhere.emplace(call.to, this->*config::url_of(call.to).field);
  return elsewhere;
}

}  // namespace foodorder
