#include "module_status.hpp"

#include "foodorder/base/time.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace foodorder {

namespace {

constexpr std::size_t name_max_bytes = 300;
constexpr std::size_t instance_max_bytes = 100;
constexpr std::size_t text_max_bytes = 4 << 10;

using Check = bool (*)(const json::value&);

std::string_view text_of(const json::value& value) {
  const auto* text = value.if_string();
  return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

bool is_name(const json::value& value) {
  const std::string_view text = text_of(value);
  return !text.empty() && text.size() <= name_max_bytes;
}

/// As --instance-id takes it.
bool is_instance(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return !text.empty() && text.size() <= instance_max_bytes && std::all_of(text.begin(), text.end(), fits);
}

bool is_text(const json::value& value) { return value.is_string() && value.get_string().size() <= text_max_bytes; }

bool is_state(const json::value& value) {
  constexpr std::array<std::string_view, 7> states = {"starting", "running", "paused", "stopping",
                                                      "stopped",  "crashed", "failed"};
  return std::find(states.begin(), states.end(), text_of(value)) != states.end();
}

bool is_count(const json::value& value) { return value.is_int64() && value.get_int64() >= 0; }

bool is_time(const json::value& value) {
  const auto time = parse_iso(text_of(value));
  return time && to_iso_millis(*time).view() == text_of(value);
}

bool are_settings(const json::value& value) {
  const auto* settings = value.if_object();
  return settings && std::all_of(settings->begin(), settings->end(), [](const auto& setting) {
           return setting.value().is_number() || setting.value().is_string();
         });
}

struct Field {
  std::string_view name;
  bool required;
  Check check;
};

constexpr std::array<Field, 15> fields = {
    {{"instance", true, [](const json::value& value) { return is_instance(text_of(value)); }},
     {"kind", true, is_name},
     {"process", true, is_name},
     {"state", true, is_state},
     {"ready", true, [](const json::value& value) { return value.is_bool(); }},
     {"restarts", true, is_count},
     {"settings", true, are_settings},
     {"report", true, [](const json::value& value) { return value.is_object(); }},
     {"since", false, is_time},
     {"sessionTimeoutMs", false, is_count},
     {"error", false, is_text},
     {"timestamp", true, is_time},
     {"commandId", false, is_text},
     {"commandError", false, is_text},
     {"commandErrorCode", false, is_text}}};

std::optional<json::object> read_object(const Record& record) {
  if (!record.value() || record.value()->size() > module_status_max_bytes) return {};
  auto body = parse_json(*record.value());
  if (!body || !body->is_object()) return {};
  return std::move(body->get_object());
}

}  // namespace

std::optional<json::object> read_module_status(const Record& record) {
  std::optional<json::object> body = read_object(record);
  if (!body) return {};
  json::object status;
  for (const Field& field : fields) {
    json::value* value = body->if_contains(field.name);
    if (value ? !field.check(*value) : field.required) return {};
    if (value) status[field.name] = std::move(*value);
  }
  if (text_at(status, "instance") != record.key()) return {};
  return status;
}

std::optional<ModuleCommand> read_module_command(const Record& record) {
  const std::optional<json::object> body = read_object(record);
  if (!body) return {};
  ModuleCommand command;
  for (const auto& [name, target] : {std::pair("commandId", &command.id), std::pair("instance", &command.instance),
                                     std::pair("action", &command.action)}) {
    const json::value* value = body->if_contains(name);
    if (!value && target == &command.id) continue;
    if (!value || !value->is_string() || value->get_string().size() > instance_max_bytes) return {};
    *target = std::string(text_of(*value));
  }
  if (const json::value* settings = body->if_contains("settings")) {
    if (!settings->is_object()) return {};
    command.settings = settings->get_object();
  }
  return command;
}

}  // namespace foodorder
