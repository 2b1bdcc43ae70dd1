// Calendar dates and reporting periods. A date is a day count without time zone: facts are dated in the
// municipality's own calendar, so no clock, DST or zone rule takes part in any indicator.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kpr {

struct Date {
  int32_t days = 0;  // since 1970-01-01

  static Date FromYmd(int year, int month, int day);
  // "2024-02-29". Empty where the text is not exactly that form or the day does not exist.
  static std::optional<Date> Parse(std::string_view text);
  static Date FromUnixMillis(int64_t millis);
  std::string ToString() const;
  int year() const;
  int month() const;
  int day() const;
  // The same day n months earlier, cut to the last day of a shorter month (31 March less 1 is 28 or 29
  // February).
  Date MinusMonths(int n) const;
  Date operator+(int32_t n) const { return {days + n}; }
  Date operator-(int32_t n) const { return {days - n}; }
  int32_t operator-(Date other) const { return days - other.days; }
  auto operator<=>(const Date&) const = default;
};

inline constexpr Date kFirstDate{-800000};  // before every fact
inline constexpr Date kNoEnd{2000000};      // after every fact: "still running"

// Whole years lived on `on`. A birthday counts from its own day; who is born on 29 February has it on
// 1 March in common years.
int AgeOn(Date birth, Date on);

enum class PeriodKind : uint8_t { kMonth = 1, kTertial = 2, kYear = 3 };

struct Period {
  PeriodKind kind = PeriodKind::kMonth;
  int32_t ordinal = 0;  // months, tertials or years since year 0

  static Period Containing(PeriodKind kind, Date date);
  // "2024", "2024-T1" (January to April), "2024-02".
  static std::optional<Period> Parse(std::string_view text);
  Date first() const;
  Date last() const;
  Period next() const { return {kind, ordinal + 1}; }
  std::string ToString() const;
  auto operator<=>(const Period&) const = default;
};

}  // namespace kpr
