#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace foodorder {

/// A text of a fixed size in place, where a std::string of more than 15 bytes allocates. boost::static_string 1.81 does
/// not convert to std::string_view.
template <std::size_t bytes>
class FixedText {
 public:
  /// Begins as `text`, which shows the form and is mostly written over.
  explicit constexpr FixedText(const char (&text)[bytes + 1]) noexcept {
    for (std::size_t i = 0; i < bytes; ++i) text_[i] = text[i];
  }

  /// `count` bytes from `first` on, to be written.
  constexpr std::span<char> part(std::size_t first, std::size_t count) noexcept {
    return std::span<char>(text_).subspan(first, count);
  }
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text_.data(), bytes}; }
  constexpr operator std::string_view() const noexcept { return view(); }

  friend constexpr bool operator==(const FixedText&, const FixedText&) = default;
  friend constexpr bool operator==(const FixedText& text, std::string_view other) noexcept {
    return text.view() == other;
  }

 private:
  std::array<char, bytes> text_;
};

template <std::size_t size>
FixedText(const char (&)[size]) -> FixedText<size - 1>;

}  // namespace foodorder
