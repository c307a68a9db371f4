#include "csv.hpp"

#include "foodorder/base/base64.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/utf8.hpp"
#include "row.hpp"

namespace foodorder::inspector {

namespace {

constexpr std::string_view line_end = "\r\n";

void add_cell(std::string& line, std::optional<std::string_view> bytes) {
  if (!bytes) return;
  const std::string text = is_utf8(*bytes) ? std::string(*bytes) : "base64:" + to_base64(*bytes);
  const bool formula = !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  line += '"';
  if (formula) line += '\'';
  for (const char c : text) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

std::string headers_text(const Headers& headers) {
  json::array list;
  for (const Header& header : headers)
    list.push_back(json::object{{"name", is_utf8(header.name) ? std::string(header.name) : to_base64(header.name)},
                                {"value", bytes_to_json(header.value)}});
  return serialize_json(list);
}

}  // namespace

std::string csv_head() { return std::string("topic,partition,offset,timestamp,key,value,headers") += line_end; }

std::string to_csv(const ConsumerRecord& read) {
  const Position& position = read.position;
  std::string line = position.tp.topic + "," + std::to_string(position.tp.partition) + "," +
                     std::to_string(position.offset) + "," + std::string(to_iso_millis(read.record->timestamp)) + ",";
  add_cell(line, read.record->key());
  line += ',';
  add_cell(line, read.record->value());
  line += ',';
  add_cell(line, headers_text(read.record->headers));
  return line += line_end;
}

}  // namespace foodorder::inspector
