#include "foodorder/runtime/settings.hpp"

#include "foodorder/base/number.hpp"
#include "foodorder/base/utf8.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace foodorder {

namespace {

SettingSpec make(std::string name, SettingValue value, std::string meaning) {
  SettingSpec spec;
  spec.name = std::move(name);
  spec.default_value = std::move(value);
  spec.meaning = std::move(meaning);
  return spec;
}

}  // namespace

SettingSpec SettingSpec::integer(std::string name, std::int64_t value, std::int64_t min, std::int64_t max,
                                 std::string meaning) {
  SettingSpec spec = make(std::move(name), value, std::move(meaning));
  spec.min = static_cast<double>(min);
  spec.max = static_cast<double>(max);
  return spec;
}

SettingSpec SettingSpec::number(std::string name, double value, double min, double max, std::string meaning) {
  SettingSpec spec = make(std::move(name), value, std::move(meaning));
  spec.min = min;
  spec.max = max;
  return spec;
}

SettingSpec SettingSpec::choice(std::string name, std::string value, std::vector<std::string> choices,
                                std::string meaning) {
  SettingSpec spec = make(std::move(name), std::move(value), std::move(meaning));
  spec.choices = std::move(choices);
  return spec;
}

SettingSpec SettingSpec::with_flag(std::string own_flag, std::string own_variable) && {
  flag = std::move(own_flag);
  variable = std::move(own_variable);
  return std::move(*this);
}

std::string SettingSpec::allowed() const {
  if (std::holds_alternative<std::string>(default_value)) return fmt::format("one of {}", fmt::join(choices, ", "));
  if (std::holds_alternative<double>(default_value)) return fmt::format("a number from {} to {}", min, max);
  return fmt::format("an integer from {} to {}", static_cast<std::int64_t>(min), static_cast<std::int64_t>(max));
}

Result<SettingValue> SettingSpec::check(const SettingValue& value) const {
  Error wrong(Errc::invalid_argument, fmt::format("{} must be {}", name, allowed()));
  if (std::holds_alternative<std::string>(default_value)) {
    const auto* text = std::get_if<std::string>(&value);
    if (!text || std::find(choices.begin(), choices.end(), *text) == choices.end()) return wrong;
    return value;
  }
  if (std::holds_alternative<std::int64_t>(default_value)) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (!number || static_cast<double>(*number) < min || static_cast<double>(*number) > max) return wrong;
    return value;
  }
  double number = std::nan("");
  if (const auto* real = std::get_if<double>(&value)) number = *real;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) number = static_cast<double>(*whole);
  if (!(number >= min && number <= max)) return wrong;  // also where it is not a number
  return SettingValue(number);
}

Result<SettingValue> SettingSpec::parse(std::string_view text) const {
  if (std::holds_alternative<std::string>(default_value)) return check(SettingValue(std::string(text)));
  if (const auto whole = parse_number<std::int64_t>(text)) return check(SettingValue(*whole));
  if (const auto real = parse_number<double>(text)) return check(SettingValue(*real));
  return Error(Errc::invalid_argument, fmt::format("{} must be {}", name, allowed()));
}

Settings::Settings(std::vector<SettingSpec> specs) : specs_(std::move(specs)) {
  for (const SettingSpec& spec : specs_) values_.emplace(spec.name, spec.default_value);
}

Result<void> Settings::set(std::string_view name, const SettingValue& value) {
  for (const SettingSpec& spec : specs_) {
    if (spec.name != name) continue;
    const auto checked = spec.check(value);
    if (!checked) return checked.error();
    values_.insert_or_assign(spec.name, *checked);
    return {};
  }
  std::vector<std::string_view> names;
  for (const SettingSpec& spec : specs_) names.push_back(spec.name);
  const std::string shown = shortened(name);
  return Error(Errc::not_found,
               names.empty() ? fmt::format("there is no setting {}: this module has none", shown)
                             : fmt::format("there is no setting {}: it is one of {}", shown, fmt::join(names, ", ")));
}

std::int64_t Settings::integer(std::string_view name) const {
  return std::get<std::int64_t>(values_.find(name)->second);
}
double Settings::number(std::string_view name) const { return std::get<double>(values_.find(name)->second); }
const std::string& Settings::text(std::string_view name) const {
  return std::get<std::string>(values_.find(name)->second);
}

}  // namespace foodorder
