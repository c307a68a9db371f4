#include "foodorder/base/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace foodorder {

namespace {

constexpr Timestamp first_iso = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
constexpr Timestamp last_iso = std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1) - Duration(1);

void put_digits(char* at, std::int64_t number, int digits) {
  for (int i = digits; i-- > 0; number /= 10) at[i] = static_cast<char>('0' + number % 10);
}

/// "yyyy-mm-ddThh:mm:ss.", by hand: each event carries several, and fmt takes ten times as long.
struct IsoSecond {
  explicit IsoSecond(std::chrono::sys_seconds time) : second(time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    put_digits(&text[0], static_cast<int>(date.year()), 4);
    put_digits(&text[5], static_cast<unsigned>(date.month()), 2);
    put_digits(&text[8], static_cast<unsigned>(date.day()), 2);
    put_digits(&text[11], clock.hours().count(), 2);
    put_digits(&text[14], clock.minutes().count(), 2);
    put_digits(&text[17], clock.seconds().count(), 2);
  }

  std::chrono::sys_seconds second;
  std::array<char, 20> text = {'0', '0', '0', '0', '-', '0', '0', '-', '0', '0',
                               'T', '0', '0', ':', '0', '0', ':', '0', '0', '.'};
};

/// Times that follow each other mostly lie in one second.
IsoSecond& last_second() {
  static thread_local IsoSecond last{std::chrono::sys_seconds()};
  return last;
}

/// Over `text`, which ends with so many digits of the fraction and a Z.
template <class Unit, std::size_t size>
void put_iso(FixedText<size>& text, Timestamp time, int digits) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  IsoSecond& last = last_second();
  if (second != last.second) last = IsoSecond(second);
  std::ranges::copy(last.text, text.part(0, last.text.size()).begin());
  put_digits(text.part(last.text.size(), 0).data(), std::chrono::floor<Unit>(time - second).count(), digits);
}

/// Takes exactly `digits` digits from the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  int number = 0;
  if (text.size() < digits) return {};
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return {};
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

/// ".406" and the like: microseconds, 0 if there is no fraction.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::int64_t micros = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits)
    if (digits < 6) micros = micros * 10 + (text[digits] - '0');
  if (digits == 0 || digits > 9) return {};
  for (std::size_t d = digits; d < 6; ++d) micros *= 10;
  text.remove_prefix(digits);
  return micros;
}

/// "Z" or "+02:00": the offset from UTC.
std::optional<std::chrono::minutes> take_zone(std::string_view& text) {
  if (take(text, 'Z')) return std::chrono::minutes(0);
  const int sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
  if (sign == 0) return {};
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return {};
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return {};
  return std::chrono::minutes(sign * (*hours * 60 + *minutes));
}

/// What follows the seconds.
std::optional<Timestamp> parse_rest(std::chrono::sys_seconds second, std::string_view text) {
  const auto micros = take_fraction(text);
  if (!micros) return {};
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return {};
  const Timestamp time = second + Duration(*micros) - *zone;
  if (time < first_iso || time > last_iso) return {};  // in UTC it would be another year than four digits can say
  return time;
}

}  // namespace

FixedText<24> to_iso_millis(Timestamp time) {
  FixedText text("0000-00-00T00:00:00.000Z");
  put_iso<std::chrono::milliseconds>(text, time, 3);
  return text;
}

FixedText<27> to_iso_micros(Timestamp time) {
  FixedText text("0000-00-00T00:00:00.000000Z");
  put_iso<std::chrono::microseconds>(text, time, 6);
  return text;
}

std::optional<Timestamp> parse_iso(std::string_view text) {
  if (const IsoSecond& last = last_second(); text.starts_with(std::string_view(last.text.data(), last.text.size())))
    if (const auto time = parse_rest(last.second, text.substr(last.text.size() - 1))) return time;
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return {};
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return {};
  const auto day = take_number(text, 2);
  if (!day || !take(text, 'T')) return {};
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return {};
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return {};
  const auto second = take_number(text, 2);
  if (!second || *second > 59) return {};
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return {};
  return parse_rest(std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                        std::chrono::seconds(*second),
                    text);
}

}  // namespace foodorder
