#include "base/date.h"

#include <charconv>
#include <chrono>
#include <cstdio>

#include "base/calendar.h"

namespace kpr {
namespace {

std::chrono::year_month_day Ymd(Date date) {
  return std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(date.days)));
}

std::optional<int> Digits(std::string_view text) {
  int value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

Date Date::FromYmd(int year, int month, int day) {
  const std::chrono::year_month_day ymd(std::chrono::year(year),
                                        std::chrono::month(static_cast<unsigned>(month)),
                                        std::chrono::day(static_cast<unsigned>(day)));
  return {static_cast<int32_t>(std::chrono::sys_days(ymd).time_since_epoch().count())};
}

std::optional<Date> Date::Parse(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = Digits(text.substr(0, 4)), month = Digits(text.substr(5, 2)),
             day = Digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day ymd(std::chrono::year(*year),
                                        std::chrono::month(static_cast<unsigned>(*month)),
                                        std::chrono::day(static_cast<unsigned>(*day)));
  if (!ymd.ok()) return std::nullopt;
  return Date{static_cast<int32_t>(std::chrono::sys_days(ymd).time_since_epoch().count())};
}

Date Date::FromUnixMillis(int64_t millis) {
  constexpr int64_t kDay = 86'400'000;
  return {static_cast<int32_t>(millis >= 0 ? millis / kDay : (millis - kDay + 1) / kDay)};
}

std::string Date::ToString() const {
  const auto ymd = Ymd(*this);
  char text[24];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(ymd.year()),
                static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
  return text;
}

int Date::year() const {
  return static_cast<int>(Ymd(*this).year());
}
int Date::month() const {
  return static_cast<int>(static_cast<unsigned>(Ymd(*this).month()));
}
int Date::day() const {
  return static_cast<int>(static_cast<unsigned>(Ymd(*this).day()));
}

Date Date::MinusMonths(int n) const {
  auto ymd = Ymd(*this) - std::chrono::months(n);
  if (!ymd.ok()) ymd = ymd.year() / ymd.month() / std::chrono::last;
  return {static_cast<int32_t>(std::chrono::sys_days(ymd).time_since_epoch().count())};
}

int AgeOn(Date birth, Date on) {
  const auto b = Ymd(birth), d = Ymd(on);
  int age = static_cast<int>(d.year()) - static_cast<int>(b.year());
  if (d.month() < b.month() || (d.month() == b.month() && d.day() < b.day())) --age;
  return age;
}

Period Period::Containing(PeriodKind kind, Date date) {
  const auto ymd = Ymd(date);
  const int months =
      static_cast<int>(ymd.year()) * 12 + static_cast<int>(static_cast<unsigned>(ymd.month())) - 1;
  return {kind, months / MonthsIn(kind)};
}

std::optional<Period> Period::Parse(std::string_view text) {
  const auto year = Digits(text.substr(0, 4));
  if (text.size() < 4 || !year) return std::nullopt;
  if (text.size() == 4) return Period{PeriodKind::kYear, *year};
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  if (text[5] == 'T') {
    if (text[6] < '1' || text[6] > '3') return std::nullopt;
    return Period{PeriodKind::kTertial, *year * 3 + (text[6] - '1')};
  }
  const auto month = Digits(text.substr(5, 2));
  if (!month || *month < 1 || *month > 12) return std::nullopt;
  return Period{PeriodKind::kMonth, *year * 12 + *month - 1};
}

Date Period::first() const {
  const int months = ordinal * MonthsIn(kind);
  return Date::FromYmd(months / 12, months % 12 + 1, 1);
}

Date Period::last() const {
  return next().first() - 1;
}

std::string Period::ToString() const {
  char text[32];
  if (kind == PeriodKind::kYear) {
    std::snprintf(text, sizeof text, "%04d", ordinal);
  } else if (kind == PeriodKind::kTertial) {
    std::snprintf(text, sizeof text, "%04d-T%d", ordinal / 3, ordinal % 3 + 1);
  } else {
    std::snprintf(text, sizeof text, "%04d-%02d", ordinal / 12, ordinal % 12 + 1);
  }
  return text;
}

}  // namespace kpr
