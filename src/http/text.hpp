#pragma once

#include <optional>
#include <string>
#include <string_view>

// Small text rules of HTTP and of URIs.

namespace foodorder::http {

/// For two texts of one size: whether they are equal but for the case of ASCII letters.
bool same_letters(std::string_view a, std::string_view b) noexcept;
/// Equal but for the case of ASCII letters. Mostly the case is the same, too, so that is looked at first.
inline bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && (a == b || same_letters(a, b));
}

/// True if every '%' is followed by two hexadecimal digits.
bool escapes_are_valid(std::string_view text) noexcept;

/// Percent-decoded (RFC 3986); nothing if an escape is malformed.
std::optional<std::string> percent_decode(std::string_view text);

/// As percent_decode(), and '+' is a space: the form in which browsers write queries.
std::optional<std::string> query_decode(std::string_view text);

/// "Not Found" for 404; "Unknown Status" for what nobody has registered.
std::string_view reason_phrase(int status) noexcept;

}  // namespace foodorder::http
