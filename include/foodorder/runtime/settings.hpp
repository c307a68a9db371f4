#pragma once

#include "foodorder/base/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace foodorder {

using SettingValue = std::variant<std::int64_t, double, std::string>;

/// One setting of a module: the source of its check, its help, its line in the configuration file and its
/// entry in GET /api/modules.
struct SettingSpec {
  static SettingSpec integer(std::string name, std::int64_t value, std::int64_t min, std::int64_t max,
                             std::string meaning);
  static SettingSpec number(std::string name, double value, double min, double max, std::string meaning);
  static SettingSpec choice(std::string name, std::string value, std::vector<std::string> choices, std::string meaning);
  /// The same with a flag and a variable of its own.
  [[nodiscard]] SettingSpec with_flag(std::string flag, std::string variable) &&;

  /// "an integer from 1 to 100", "one of dlq, drop, retry-forever".
  [[nodiscard]] std::string allowed() const;
  /// The value, converted to the setting's type (an integer is a number, too), or invalid_argument with a
  /// message that names the setting and says what is allowed.
  [[nodiscard]] Result<SettingValue> check(const SettingValue& value) const;
  /// The same from text, as a flag or an environment variable carries it.
  [[nodiscard]] Result<SettingValue> parse(std::string_view text) const;

  std::string name;  ///< camelCase, its unit last: `windowMs`
  SettingValue default_value;
  double min = 0;
  double max = 0;
  std::vector<std::string> choices;
  std::string meaning;
  std::string flag{};      ///< "--fail-rate"; empty: only the file and PATCH /api/modules/{instance} set it
  std::string variable{};  ///< "FAIL_RATE", of the environment; goes with the flag
};

/// Checked values for a list of specs: every one has a value.
class Settings {
 public:
  Settings() = default;
  /// All defaults.
  explicit Settings(std::vector<SettingSpec> specs);

  /// Errors: not_found (names the setting and lists those that exist), invalid_argument. Nothing changes then.
  Result<void> set(std::string_view name, const SettingValue& value);

  /// A defect if there is no such setting, or of another type.
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] const std::string& text(std::string_view name) const;

  [[nodiscard]] const std::vector<SettingSpec>& specs() const noexcept { return specs_; }
  [[nodiscard]] const std::map<std::string, SettingValue, std::less<>>& values() const noexcept { return values_; }

 private:
  std::vector<SettingSpec> specs_;
  std::map<std::string, SettingValue, std::less<>> values_;
};

}  // namespace foodorder
