#include "report.hpp"

#include <fmt/format.h>

namespace foodorder::conformance {

std::string show(std::string_view bytes) {
  constexpr std::size_t shown_max = 80;
  std::string text = "\"";
  for (const char byte : bytes.substr(0, shown_max)) {
    if (byte >= ' ' && byte <= '~')
      text += byte;
    else
      text += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(byte)));
  }
  return text + (bytes.size() > shown_max ? fmt::format("... {} bytes\"", bytes.size()) : "\"");
}

std::string show(Errc code) { return to_string(code); }

std::string show(const TopicPartition& tp) { return fmt::format("{}/{}", tp.topic, tp.partition); }

std::string show(const Position& position) { return fmt::format("{}@{}", show(position.tp), position.offset); }

std::string show(const Record& record) {
  std::string text = "key " + show(record.key()) + " value " + show(record.value());
  for (const Header& header : record.headers) text += " " + std::string(header.name) + "=" + show(header.value);
  return text;
}

void Report::fail(std::string_view what, Place place) {
  const std::string_view path = place.file_name();
  failures_.push_back(fmt::format("{}:{}: {}", path.substr(path.rfind('/') + 1), place.line(), what));
}

void Report::give_up(std::string_view what, Place place) {
  fail(what, place);
  throw CaseEnded(failures_.back());
}

std::string Report::failed_text(std::string_view what, const Error& error) {
  return fmt::format("{}: failed with {}: {}", what, show(error.code), error.message);
}

}  // namespace foodorder::conformance
