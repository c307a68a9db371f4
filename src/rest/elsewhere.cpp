#include "elsewhere.hpp"

#include "foodorder/base/join.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

namespace foodorder::rest {

namespace {

constexpr Duration answer_max = std::chrono::milliseconds(500);

std::string silence_of(std::string_view service, const Error& error) {
  return fmt::format("the {} service does not answer: {}", service, error.message);
}

/// The services whose calls are answered there, as `GET /api/services` says; nothing for any other answer.
std::optional<std::vector<std::string>> services_in(const http::ClientAnswer& answer) {
  if (answer.status != 200) return {};
  const auto body = parse_json(answer.body);
  if (!body || !body->is_array()) return {};
  std::vector<std::string> here;
  for (const json::value& service : body->get_array()) {
    if (!service.is_object()) return {};
    const json::value* is_here = service.get_object().if_contains("here");
    if (is_here && is_here->is_bool() && is_here->get_bool())
      here.emplace_back(text_at(service.get_object(), "service"));
  }
  return here;
}

}  // namespace

std::string url_of(const http::Address& address) {
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("http://[{}]:{}", address.host, address.port)
               : fmt::format("http://{}:{}", address.host, address.port);
}

Elsewhere::Elsewhere(std::map<std::string, http::Address, std::less<>> services, const MakeClient& make_client,
                     Clock& clock)
    : clock_(clock) {
  for (auto& [name, address] : services) services_.push_back({name, address, make_client(name)});
}

Task<std::string> Elsewhere::look(json::array& shown) {
  const Timestamp deadline = clock_.now() + answer_max;
  std::vector<Finding> findings(services_.size());
  std::vector<Task<>> parts;
  for (std::size_t i = 0; i < services_.size(); ++i) parts.push_back(find(services_[i], findings[i], deadline));
  co_await join(std::move(parts));
  std::string trouble;
  for (std::size_t i = 0; i < services_.size(); ++i) {
    Service& service = services_[i];
    const Finding& finding = findings[i];
    json::object& entry = shown.emplace_back(json::object()).as_object();
    entry["service"] = service.name;
    entry["url"] = url_of(service.address);
    service.was_reached = service.was_reached || finding.error.empty();
    if (finding.error.empty()) continue;
    entry["error"] = finding.error;
    if (trouble.empty() && (finding.is_wrong || !service.was_reached)) trouble = finding.error;
  }
  co_return trouble;
}

Task<Result<http::ClientAnswer>> Elsewhere::ask(std::string name, http::ClientRequest request, Timestamp deadline) {
  const auto service = std::ranges::find(services_, name, &Service::name);
  if (service == services_.end()) co_return Error(Errc::unavailable, fmt::format("nobody says where {} is", name));
  Finding finding;
  co_await find(*service, finding, deadline);
  if (!finding.error.empty()) co_return Error(Errc::unavailable, finding.error);
  auto answer = co_await service->client->exchange(std::move(request), deadline);
  if (!answer) co_return Error(answer.error().code, silence_of(name, answer.error()));
  co_return answer;
}

std::string Elsewhere::url(std::string_view name) const {
  const auto service = std::ranges::find(services_, name, &Service::name);
  return service == services_.end() ? std::string() : url_of(service->address);
}

Task<> Elsewhere::find(Service& service, Finding& finding, Timestamp deadline) {
  http::ClientRequest request(http::Method::get, "/api/services");
  const auto answer = co_await service.client->exchange(std::move(request), deadline);
  if (!answer) {
    finding.error = silence_of(service.name, answer.error());
    co_return;
  }
  const auto here = services_in(*answer);
  if (here && std::find(here->begin(), here->end(), service.name) != here->end()) co_return;
  finding.is_wrong = true;
  const std::string url = url_of(service.address);
  if (!here)
    finding.error =
        fmt::format("{} is not the {} service: no foodorder with --architecture=rest answers there", url, service.name);
  else
    finding.error = fmt::format("{} is not the {} service, but {}", url, service.name, fmt::join(*here, " and "));
}

}  // namespace foodorder::rest
