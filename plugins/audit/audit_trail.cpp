#include "audit_trail.hpp"

#include "foodorder/domain/json.hpp"

namespace foodorder::audit {

Result<Entry> parse_entry(std::string_view body) {
  JsonMemory memory;
  const Result<json::value> value = parse_json(body, memory.storage());
  if (!value) return value.error();
  const json::object* object = value->if_object();
  if (!object) return Error(Errc::invalid_argument, "the body is not a JSON object");
  Entry entry;
  for (const auto& [name, text] : {std::pair("source", &entry.source), std::pair("action", &entry.action),
                                   std::pair("orderId", &entry.order_id)}) {
    const json::value* field = object->if_contains(name);
    if (!field || !field->is_string())
      return Error(Errc::invalid_argument, std::string(name) + " is missing or not a string");
    *text = std::string(std::string_view(field->get_string()));
  }
  return entry;
}

std::string log_line(const Entry& entry, std::string_view at) {
  std::string line = R"({"source":)";
  write_json_string(line, entry.source);
  line += R"(,"action":)";
  write_json_string(line, entry.action);
  line += R"(,"orderId":)";
  write_json_string(line, entry.order_id);
  line += R"(,"at":)";
  write_json_string(line, at);
  line += '}';
  return line;
}

void Counts::add(const Entry& entry) {
  const std::string kind = entry.source + ' ' + entry.action;
  const bool known = counts_.contains(kind) || counts_.size() < kinds_max;
  ++counts_[known ? kind : std::string("other")];
}

}  // namespace foodorder::audit
