#include "foodorder/base/json.hpp"

#include "foodorder/base/utf8.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>

namespace foodorder {

namespace {

constexpr std::size_t depth_max = 32;

/// Builds a value as json::parser does, but with exact numbers, and counts the keys: the value keeps one of duplicates.
class StrictHandler {
 public:
  using error_code = boost::system::error_code;

  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  explicit StrictHandler(json::storage_ptr storage) : values_({}, stack_.data(), stack_.size()) {
    values_.reset(std::move(storage));
  }

  json::value release() { return values_.release(); }
  [[nodiscard]] std::size_t keys() const noexcept { return keys_; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t n, error_code&) {
    keys_ += n;
    values_.push_object(n);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t n, error_code&) {
    values_.push_array(n);
    return true;
  }
  bool on_key_part(json::string_view text, std::size_t, error_code&) {
    values_.push_chars(text);
    return true;
  }
  bool on_key(json::string_view text, std::size_t, error_code&) {
    values_.push_key(text);
    return true;
  }
  bool on_string_part(json::string_view text, std::size_t, error_code&) {
    values_.push_chars(text);
    return true;
  }
  bool on_string(json::string_view text, std::size_t, error_code&) {
    values_.push_string(text);
    return true;
  }
  bool on_number_part(json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, error_code&) {
    values_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, json::string_view, error_code&) {
    values_.push_uint64(number);
    return true;
  }
  bool on_double(double approximate, json::string_view text, error_code& error) {
    // Boost.JSON is off by an ulp at times. The text is whole, because the document is given in one piece.
    double exact = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), exact);
    if (parsed.ec == std::errc::result_out_of_range) {
      if (std::abs(approximate) > 1) {
        error = make_error_code(boost::system::errc::result_out_of_range);
        return false;
      }
      exact = 0;  // too small to be told from zero
    }
    values_.push_double(exact);
    return true;
  }
  bool on_bool(bool value, error_code&) {
    values_.push_bool(value);
    return true;
  }
  bool on_null(error_code&) {
    values_.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

 private:
  std::array<unsigned char, 2048> stack_;  ///< of values not yet in their objects; more is allocated
  json::value_stack values_;
  std::size_t keys_ = 0;
};

/// For handlers that want to hear of some events only.
struct SilentHandler {
  using error_code = boost::system::error_code;

  static constexpr std::size_t max_object_size = StrictHandler::max_object_size;
  static constexpr std::size_t max_array_size = StrictHandler::max_array_size;
  static constexpr std::size_t max_key_size = StrictHandler::max_key_size;
  static constexpr std::size_t max_string_size = StrictHandler::max_string_size;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t, error_code&) { return true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t, error_code&) { return true; }
  bool on_key_part(json::string_view, std::size_t, error_code&) { return true; }
  bool on_key(json::string_view, std::size_t, error_code&) { return true; }
  bool on_string_part(json::string_view, std::size_t, error_code&) { return true; }
  bool on_string(json::string_view, std::size_t, error_code&) { return true; }
  bool on_number_part(json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, error_code&) { return true; }
  bool on_double(double, json::string_view, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }
};

/// Finds the first key that its object already has, in a text that is refused already. Boost.JSON has no option that
/// refuses duplicate keys.
class DuplicateFinder : public SilentHandler {
 public:
  [[nodiscard]] const std::string& found() const noexcept { return key_; }

  bool on_object_begin(error_code&) {
    open_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, error_code&) {
    open_.pop_back();
    return true;
  }
  bool on_key_part(json::string_view text, std::size_t, error_code&) {
    key_.append(text.data(), text.size());
    return true;
  }
  bool on_key(json::string_view text, std::size_t, error_code& error) {
    key_.append(text.data(), text.size());
    if (!open_.back().insert(key_).second) {
      error = make_error_code(boost::system::errc::invalid_argument);
      return false;
    }
    key_.clear();
    return true;
  }

 private:
  std::vector<std::set<std::string>> open_;
  std::string key_;
};

/// Keeps the strings under some keys of the outermost object.
class StringFinder : public SilentHandler {
 public:
  explicit StringFinder(std::span<const std::string_view> keys) : keys_(keys), found_(keys.size()) {}

  [[nodiscard]] std::vector<std::optional<std::string>>& found() noexcept { return found_; }

  bool on_object_begin(error_code&) {
    ++depth_;
    return true;
  }
  bool on_object_end(std::size_t, error_code&) {
    --depth_;
    return true;
  }
  bool on_array_begin(error_code&) {
    ++depth_;
    return true;
  }
  bool on_array_end(std::size_t, error_code&) {
    --depth_;
    return true;
  }
  bool on_key_part(json::string_view text, std::size_t, error_code&) {
    if (depth_ == 1) part_.append(text.data(), text.size());
    return true;
  }
  bool on_key(json::string_view text, std::size_t, error_code& error) {
    if (depth_ != 1) return true;
    const auto place = static_cast<std::size_t>(std::find(keys_.begin(), keys_.end(), whole(text)) - keys_.begin());
    wanted_ = place == keys_.size() ? nullptr : &found_[place];
    part_.clear();
    if (!wanted_) return true;
    const std::uint64_t bit = std::uint64_t{1} << place;
    if ((seen_ & bit) != 0) {
      error = make_error_code(boost::system::errc::invalid_argument);
      return false;
    }
    seen_ |= bit;
    return true;
  }
  bool on_string_part(json::string_view text, std::size_t, error_code&) {
    if (depth_ == 1 && wanted_) part_.append(text.data(), text.size());
    return true;
  }
  bool on_string(json::string_view text, std::size_t, error_code&) {
    if (depth_ != 1 || !wanted_) return true;
    wanted_->emplace(whole(text));
    part_.clear();
    return true;
  }

 private:
  /// What came in parts, because it has escapes, and the last of them.
  std::string_view whole(json::string_view last) {
    if (part_.empty()) return {last.data(), last.size()};
    return part_.append(last.data(), last.size());
  }

  std::span<const std::string_view> keys_;
  std::vector<std::optional<std::string>> found_;
  std::uint64_t seen_ = 0;                        ///< a bit for each of the keys, which are few
  std::optional<std::string>* wanted_ = nullptr;  ///< where the value of the key at hand goes
  std::string part_;
  std::size_t depth_ = 0;
};

std::size_t count_keys(const json::value& value) {
  std::size_t count = 0;
  if (const auto* object = value.if_object()) {
    count = object->size();
    for (const auto& member : *object) count += count_keys(member.value());
  } else if (const auto* array = value.if_array()) {
    for (const json::value& element : *array) count += count_keys(element);
  }
  return count;
}

json::parse_options strict_options() {
  json::parse_options options;
  options.max_depth = depth_max;
  return options;
}

Error duplicate_key(std::string_view text) {
  json::basic_parser<DuplicateFinder> parser(strict_options());
  boost::system::error_code error;
  const std::size_t at = parser.write_some(false, text.data(), text.size(), error);
  return Error(Errc::invalid_argument, fmt::format("the key \"{}\" stands twice in an object, at byte {}",
                                                   shortened(parser.handler().found()), at));
}

std::string describe(const boost::system::error_code& error) {
  if (error == json::error::too_deep) return fmt::format("nested deeper than {} levels", depth_max);
  if (error == boost::system::errc::result_out_of_range) return "a number out of range";
  if (error == boost::system::errc::invalid_argument) return "a key that stands twice in an object";
  return error.message();
}

/// Gives the whole text to `parser`; nothing if all is well.
template <class Parser>
std::optional<Error> parse_whole(Parser& parser, std::string_view text) {
  boost::system::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (error) return Error(Errc::invalid_argument, fmt::format("{}, at byte {}", describe(error), read));
  if (read < text.size())
    return Error(Errc::invalid_argument, fmt::format("more text after the end of the JSON, at byte {}", read));
  return {};
}

}  // namespace

Result<json::value> parse_json(std::string_view text, json::storage_ptr storage) {
  json::basic_parser<StrictHandler> parser(strict_options(), std::move(storage));
  if (auto problem = parse_whole(parser, text)) return std::move(*problem);
  json::value value = parser.handler().release();
  if (count_keys(value) != parser.handler().keys()) return duplicate_key(text);
  return value;
}

Result<std::vector<std::optional<std::string>>> read_json_strings(std::string_view text,
                                                                  std::span<const std::string_view> keys) {
  json::basic_parser<StringFinder> parser(strict_options(), keys);
  if (auto problem = parse_whole(parser, text)) return std::move(*problem);
  return std::move(parser.handler().found());
}

std::string_view text_at(const json::object& object, std::string_view name) noexcept {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

}  // namespace foodorder
