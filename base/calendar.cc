#include "base/calendar.h"

#include <array>
#include <memory>

namespace kpr {
namespace {

constexpr int kFirstYear = 1890, kLastYear = 2200;

struct Calendar {
  std::array<uint16_t, 366 * (kLastYear - kFirstYear)> month_of_day;  // from the first day of kFirstYear
  std::array<Date, 12 * (kLastYear - kFirstYear)> ends;
  Date first;
};

const Calendar& TheCalendar() {
  static const std::unique_ptr<Calendar> calendar = [] {
    auto made = std::make_unique<Calendar>();
    made->first = Date::FromYmd(kFirstYear, 1, 1);
    for (size_t i = 0; i < made->ends.size(); ++i) {
      const Period month{PeriodKind::kMonth, kFirstYear * 12 + static_cast<int>(i)};
      made->ends[i] = month.last();
      for (Date day = month.first(); day <= month.last(); day = day + 1) {
        const auto at = static_cast<size_t>(day - made->first);
        if (at < made->month_of_day.size()) made->month_of_day[at] = static_cast<uint16_t>(i);
      }
    }
    return made;
  }();
  return *calendar;
}

}  // namespace

int MonthOf(Date day) {
  const Calendar& calendar = TheCalendar();
  const int at = day - calendar.first;
  if (at < 0 || at >= 365 * (kLastYear - kFirstYear))
    return Period::Containing(PeriodKind::kMonth, day).ordinal;
  return kFirstYear * 12 + calendar.month_of_day[static_cast<size_t>(at)];
}

Date MonthEnd(int month) {
  const int at = month - kFirstYear * 12;
  const Calendar& calendar = TheCalendar();
  if (at < 0 || at >= static_cast<int>(calendar.ends.size())) return Period{PeriodKind::kMonth, month}.last();
  return calendar.ends[static_cast<size_t>(at)];
}

int MonthsIn(PeriodKind kind) {
  return kind == PeriodKind::kYear ? 12 : kind == PeriodKind::kTertial ? 4 : 1;
}

}  // namespace kpr
