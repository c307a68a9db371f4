#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/bus/record.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace foodorder::app {

/// A key or a value as a message to produce has it: a text, or base64 where the bytes are no UTF-8.
json::value bytes_to_json(std::optional<std::string_view> bytes);

/// What kcat prints with -f: a text with %t, %p, %o, %k, %s, %h, %T, %K, %S and %%, where \n, \t, \r, \\ and \xNN are
/// taken, too. Throws std::runtime_error, one line, on a format with others.
class MessageFormat {
 public:
  explicit MessageFormat(std::string_view format);
  /// Key, separator and value.
  static MessageFormat with_key(std::string_view separator);

  /// `safe`: for a terminal, with nothing in it that could command it; else the bytes as they are.
  [[nodiscard]] std::string text(const ConsumerRecord& record, bool safe) const;

 private:
  struct Part {
    char token = 0;  ///< 0: the text
    std::string text;
  };

  MessageFormat() = default;

  std::vector<Part> parts_;
};

/// `\n`, `\t`, `\r`, `\\` and `\xNN` of a text, as kcat takes them.
std::string unescaped(std::string_view text);

}  // namespace foodorder::app
