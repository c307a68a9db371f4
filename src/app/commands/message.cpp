#include "message.hpp"

#include "base/terminal_text.hpp"
#include "foodorder/base/base64.hpp"
#include "foodorder/base/number.hpp"
#include "foodorder/base/utf8.hpp"

#include <fmt/format.h>
#include <charconv>
#include <stdexcept>

namespace foodorder::app {

namespace {

constexpr std::string_view tokens = "tpokshTKS%";

/// As kcat: name=value with commas, NULL for none.
std::string headers_text(const Headers& headers) {
  std::string text;
  for (const Header& header : headers)
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", header.name, header.value.value_or("NULL").view());
  return text;
}

std::int64_t size_of(const Record::Bytes& bytes) { return bytes ? static_cast<std::int64_t>(bytes->size()) : -1; }

std::string token_text(char token, const ConsumerRecord& read) {
  const Record& record = *read.record;
  switch (token) {
    case 't':
      return read.position.tp.topic;
    case 'p':
      return fmt::format("{}", read.position.tp.partition);
    case 'o':
      return fmt::format("{}", read.position.offset);
    case 'k':
      return std::string(record.key().value_or(""));
    case 's':
      return std::string(record.value().value_or(""));
    case 'h':
      return headers_text(record.headers);
    case 'T':
      return fmt::format("{}", to_unix_millis(record.timestamp));
    case 'K':
      return fmt::format("{}", size_of(record.key()));
    case 'S':
      return fmt::format("{}", size_of(record.value()));
    default:
      return std::string(1, token);
  }
}

}  // namespace

json::value bytes_to_json(std::optional<std::string_view> bytes) {
  if (!bytes) return nullptr;
  if (is_utf8(*bytes)) return json::string(*bytes);
  return json::object{{"encoding", "base64"}, {"text", to_base64(*bytes)}};
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    unsigned char byte = 0;
    const char* const digits = text.data() + i + 2;
    const bool is_hex =
        next == 'x' && i + 3 < text.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    const std::size_t plain = std::string_view("ntr\\").find(next);
    if (is_hex) {
      out += static_cast<char>(byte);
      i += 3;
    } else if (next != '\0' && plain != std::string_view::npos) {
      out += "\n\t\r\\"[plain];
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

MessageFormat::MessageFormat(std::string_view format) {
  while (!format.empty()) {
    const std::size_t percent = std::min(format.find('%'), format.size());
    if (percent > 0) parts_.push_back({0, unescaped(format.substr(0, percent))});
    format.remove_prefix(percent);
    if (format.empty()) return;
    if (format.size() == 1 || tokens.find(format[1]) == std::string_view::npos)
      throw std::runtime_error(
          fmt::format("-f has a % that is followed by {}: it may be one of t, p, o, k, s, h, T, K, S and %",
                      format.size() == 1 ? "nothing" : printable(format.substr(1, 1))));
    parts_.push_back({format[1], ""});
    format.remove_prefix(2);
  }
}

MessageFormat MessageFormat::with_key(std::string_view separator) {
  MessageFormat made;
  made.parts_ = {{'k', ""}, {0, unescaped(separator)}, {'s', ""}, {0, "\n"}};
  return made;
}

std::string MessageFormat::text(const ConsumerRecord& record, bool safe) const {
  std::string out;
  for (const Part& part : parts_) {
    const std::string text = part.token == 0 ? part.text : token_text(part.token, record);
    out += safe && part.token != 0 ? printable(text) : text;
  }
  return out;
}

}  // namespace foodorder::app
