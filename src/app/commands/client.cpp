#include "client.hpp"

#include <fmt/format.h>

namespace foodorder::app {

namespace {

/// What a problem says of itself: its detail and each field that is wrong; `reason` of /readyz.
std::string reason_of(const std::string& body) {
  const auto parsed = parse_json(body);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  if (!object) return "";
  std::string reason;
  for (const char* name : {"detail", "reason"})
    if (reason.empty()) reason = text_at(*object, name);
  const json::value* errors = object->if_contains("errors");
  if (!errors || !errors->is_array()) return reason;
  for (const json::value& error : errors->get_array()) {
    if (!error.is_object()) continue;
    const std::string_view field = text_at(error.get_object(), "field");
    const std::string_view message = text_at(error.get_object(), "message");
    if (message == reason) continue;  // the only error is the detail, too
    // Messages of bodies begin with their field's name.
    reason += message.starts_with(field) ? fmt::format("; {}", message) : fmt::format("; {} {}", field, message);
  }
  return reason;
}

}  // namespace

json::value body_of(const Client::Answer& answer, std::string_view asked) {
  if (answer.status / 100 != 2) {
    std::string reason = reason_of(answer.body);
    if (reason.empty()) reason = fmt::format("{} was answered with {}", asked, answer.status);
    if (answer.status == 404 || answer.status == 409 || answer.status == 503) throw NothingFound(reason);
    throw std::runtime_error(reason);
  }
  auto body = parse_json(answer.body);
  if (!body) throw std::runtime_error(fmt::format("{} was not answered with JSON", asked));
  return std::move(*body);
}

json::value Client::get(const std::string& target) {
  return body_of(ask(http::Method::get, target), fmt::format("GET {}", target));
}

json::value Client::send(http::Method method, const std::string& target, const json::value& body) {
  return body_of(ask(method, target, serialize_json(body)), fmt::format("{} {}", http::to_string(method), target));
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                          c == '.' || c == '_' || c == '~';
    if (is_plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out;
}

std::string next_of(std::string_view link) {
  if (link.find("rel=\"next\"") == std::string_view::npos) return {};
  const std::size_t open = link.find('<');
  const std::size_t close = link.find('>');
  return open < close && close != std::string_view::npos ? std::string(link.substr(open + 1, close - open - 1)) : "";
}

}  // namespace foodorder::app
