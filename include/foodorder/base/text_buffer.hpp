#pragma once

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace foodorder {

/// A text that is written piece by piece. Up to half a KiB it allocates nothing, and room is not filled with zeros
/// first, as std::string::resize() does.
class TextBuffer {
 public:
  /// Makes room for a text of so many bytes, which does not move while it grows to that.
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  /// Room for so many bytes more, to be written to what it gives.
  char* grow(std::size_t bytes) {
    const std::size_t before = bytes_.size();
    bytes_.resize(before + bytes);
    return bytes_.data() + before;
  }

  TextBuffer& operator+=(std::string_view text) {
    std::copy(text.begin(), text.end(), grow(text.size()));
    return *this;
  }
  TextBuffer& operator+=(char c) {
    *grow(1) = c;
    return *this;
  }

  /// Leaves the first `size` bytes.
  void cut(std::size_t size) { bytes_.resize(size); }

  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  /// Of a text that is not empty.
  [[nodiscard]] char back() const { return bytes_[bytes_.size() - 1]; }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), bytes_.size()}; }
  operator std::string_view() const& noexcept { return view(); }
  operator std::string_view() const&& = delete;
  /// A copy that takes no more memory than it needs.
  [[nodiscard]] std::string str() const { return std::string(view()); }

 private:
  fmt::basic_memory_buffer<char, 512> bytes_;
};

namespace detail {

inline char* grow(TextBuffer& out, std::size_t bytes) { return out.grow(bytes); }
inline char* grow(std::string& out, std::size_t bytes) {
  out.resize(out.size() + bytes);
  return out.data() + out.size() - bytes;
}

inline std::string_view text_of(std::string_view text) noexcept { return text; }
/// A literal: its size is known, where a pointer would be searched for its end.
template <std::size_t size>
std::string_view text_of(const char (&literal)[size]) noexcept {
  return {literal, size - 1};
}
inline std::string_view text_of(const fmt::format_int& number) noexcept { return {number.data(), number.size()}; }

}  // namespace detail

/// Appends texts and whole numbers (`fmt::format_int(n)`), one after the other; none of them lies in `out`, a
/// TextBuffer or a std::string. For what is written thousands of times a second: a tenth of what fmt::format_to() takes
/// with an appending iterator.
template <class Out, class... Parts>
void append(Out& out, const Parts&... parts) {
  const std::array<std::string_view, sizeof...(Parts)> texts = {detail::text_of(parts)...};
  std::size_t size = 0;
  for (const std::string_view text : texts) size += text.size();
  char* at = detail::grow(out, size);
  for (const std::string_view text : texts) at = std::copy(text.begin(), text.end(), at);
}

}  // namespace foodorder
