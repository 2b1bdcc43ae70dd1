#include "indicators/http/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "indicators/http/chart_data.h"
#include "indicators/http/chart_scale.h"
#include "indicators/http/svg.h"

namespace kpr::http {
namespace {

constexpr double kWidth = 820, kTop = 70, kRow = 22, kLine = 17, kLetter = 7.2;  // pixels
constexpr const char* kQuiet = "#5b5d60";
constexpr const char* kGrid = "#e3e6e6";
constexpr const char* kAccent = "#0b5c5e";
const std::array<const char*, kChartLines> kColours{kAccent,   "#c2410c", "#1d4ed8", "#7e22ce", "#a16207",
                                                    "#be185d", "#15803d", "#475569", "#0e7490", "#7f1d1d"};
constexpr std::string_view kOfLastRelease = "not_approved_last_release";

bool BeginsLetter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // of UTF-8
}

std::string Shortened(const std::string& name, size_t letters) {
  size_t at = 0, count = 0;
  for (; at < name.size(); ++at) {
    if (BeginsLetter(name[at]) && ++count > letters) break;
  }
  return at == name.size() ? name : name.substr(0, at) + "…";
}

// Thousands apart.
std::string Grouped(std::string text, const char* mark) {
  const size_t point = std::min(text.find_first_of(".,"), text.size());
  const size_t first = text.front() == '-' ? 1 : 0;
  for (size_t at = point; at > first + 3;) {
    at -= 3;
    text.insert(at, mark);
  }
  return text;
}

class Chart {
 public:
  Chart(const Document& document, const ChartData& data) : document_(document), data_(data) {}

  std::string Draw() const {
    const std::vector<std::string> notes = Notes();
    const double drawn = data_.OverTime() ? 360 : kRow * static_cast<double>(data_.series.size()) + 8;
    const double bottom = kTop + drawn, footer = bottom + (data_.OverTime() ? 48 : 18);
    Svg svg(kWidth, footer + 15 * static_cast<double>(notes.size()) + 14);
    const std::string& title = In(document_.cube->table().title(), document_.language);
    svg.Text({12, 26}, Shortened(title, 80), {"start", 17, true});
    svg.Text({12, 46}, Subtitle(), {"start", 13, false, kQuiet});
    if (data_.OverTime()) {
      DrawLines(bottom, &svg);
    } else {
      DrawRows(bottom, &svg);
    }
    double y = footer;
    for (const std::string& note : notes) {
      svg.Text({12, y}, Shortened(note, 130), {"start", 11, false, kQuiet});
      y += 15;
    }
    svg.Text({12, y}, Source(), {"start", 11, false, kQuiet});
    return svg.Finish(title, Description(notes), Say("nb", "en"));
  }

 private:
  const char* Say(const char* nb, const char* en) const {
    return document_.language == Language::kNorwegian ? nb : en;
  }

  std::string Number(double value, uint32_t decimals) const {
    std::string text;
    AppendNumber(value, decimals, &text);
    if (document_.language == Language::kNorwegian) std::replace(text.begin(), text.end(), '.', ',');
    return Grouped(std::move(text), Say("\u00A0", ","));
  }
  std::string Number(double value) const { return Number(value, data_.measure->decimals); }

  // What all of it has in common, the measure and its unit.
  std::string Subtitle() const {
    std::vector<std::string> parts;
    if (!data_.of_all.empty()) parts.push_back(data_.of_all);
    if (!data_.OverTime()) parts.push_back(data_.periods.front());
    if (data_.measure->code != "value") parts.push_back(In(data_.measure->label, document_.language));
    const std::string& unit = In(data_.measure->unit, document_.language);
    const std::string text = fmt::format("{}", fmt::join(parts, ", "));
    return Shortened(text.empty() ? unit : fmt::format("{} ({})", text, unit), 110);
  }

  std::string Source() const {
    const v1::Release& release = *document_.release;
    std::string text = Say("Kilde: kpr", "Source: kpr");
    if (document_.definition != nullptr)
      text += " – " + In(document_.definition->source(), document_.language);
    return Shortened(text, 90) + fmt::format(". {} {} {}, {}", Say("Utgivelse", "Release"), release.series(),
                                             release.number(), TimeText(release).substr(0, 10));
  }

  std::string TextOf(std::string_view status) const {
    for (const Flag& flag : Flags()) {
      if (status == flag.code) return Say(flag.nb, flag.en);
    }
    return std::string(status);
  }

  // What is special about some figures: a line for each status. A row without a number says why itself.
  std::vector<std::string> Notes() const {
    std::vector<std::string> notes;
    for (const Flag& flag : Flags()) {
      std::vector<std::string> of;
      size_t count = 0;
      for (const ChartSeries& one : data_.series) {
        for (size_t p = 0; p < data_.periods.size(); ++p) {
          const Estimate& e = one.by_period[p];
          if (e.status != flag.code || (!data_.OverTime() && !e.value)) continue;
          if (++count <= 3) of.push_back(one.name + (one.name.empty() ? "" : " ") + data_.periods[p]);
        }
      }
      if (count == 0) continue;
      notes.push_back(fmt::format("{}: {}", TextOf(flag.code), fmt::join(of, ", ")));
      if (count > 3)
        notes.back() += fmt::format(" {} {} {}", Say("og", "and"), count - 3, Say("til", "more"));
    }
    return notes;
  }

  // The newest figures and the notes, for who does not see the chart.
  std::string Description(const std::vector<std::string>& notes) const {
    std::vector<std::string> figures;
    for (const ChartSeries& one : data_.series) {
      const Estimate& e = one.by_period.back();
      figures.push_back(fmt::format("{} {}", one.name.empty() ? data_.of_all : one.name,
                                    e.value ? Number(*e.value) : TextOf(e.status)));
      if (e.lower && e.upper)
        figures.back() += fmt::format(" ({} {} {})", Number(*e.lower), Say("til", "to"), Number(*e.upper));
    }
    std::string text = fmt::format("{}: {}.", data_.periods.back(), fmt::join(figures, "; "));
    for (const std::string& note : notes) text += fmt::format(" {}.", note);
    return text;
  }

  ChartScale ValueScale(double from, double to) const {
    std::vector<double> values;
    for (const ChartSeries& one : data_.series) {
      for (const Estimate& e : one.by_period) {
        for (const auto& value : {e.value, e.lower, e.upper}) {
          if (value) values.push_back(*value);
        }
      }
    }
    const bool share = data_.measure->unit.en() == "%";
    return ScaleOf(values, share ? std::optional(100.0) : std::nullopt, from, to);
  }

  void DrawLines(double bottom, Svg* svg) const {
    const bool named = data_.series.size() > 1;
    const ChartScale y = ValueScale(bottom, kTop);
    const auto decimals = static_cast<uint32_t>(y.Decimals());
    size_t letters = 0;
    for (const double tick : y.Ticks()) letters = std::max(letters, Number(tick, decimals).size());
    const double left = std::max(62.0, 20 + kLetter * static_cast<double>(letters));
    const double right = kWidth - (named ? 200 : 30);
    for (const double tick : y.Ticks()) {
      svg->Line({left, y.At(tick)}, {right, y.At(tick)}, {kGrid, 1});
      svg->Text({left - 8, y.At(tick) + 4}, Number(tick, decimals), {"end", 12, false, kQuiet});
    }
    // Periods that are not asked for keep their room.
    const double periods = data_.period_places.back() - data_.period_places.front();
    const auto x = [&](size_t p) {
      return left + 16 +
             (right - left - 32) * (data_.period_places[p] - data_.period_places.front()) / periods;
    };
    double next = kWidth;
    for (size_t p = data_.periods.size(); p-- > 0;) {
      if (x(p) > next) continue;
      svg->Text({x(p), bottom + 22}, data_.periods[p], {"middle", 12, false, kQuiet});
      next = x(p) - kLetter * static_cast<double>(data_.periods[p].size() + 1);
    }
    for (size_t i = data_.series.size(); i-- > 0;) DrawLine(data_.series[i], kColours[i], x, y, svg);
    if (named) NameLines(y, bottom, right, svg);
  }

  // In pieces that end where there is no number, or a period is not asked for.
  template <typename X>
  void DrawLine(const ChartSeries& one, const char* colour, X x, const ChartScale& y, Svg* svg) const {
    const size_t periods = one.by_period.size();
    const auto adjoins = [&](size_t p) { return data_.period_places[p] == data_.period_places[p - 1] + 1; };
    for (size_t p = 1; p < periods; ++p) {
      const Estimate &a = one.by_period[p - 1], &b = one.by_period[p];
      if (!adjoins(p) || !a.value || !b.value) continue;
      if (data_.series.size() == 1 && a.lower && a.upper && b.lower && b.upper) {
        svg->Area({{x(p - 1), y.At(*a.upper)},
                   {x(p), y.At(*b.upper)},
                   {x(p), y.At(*b.lower)},
                   {x(p - 1), y.At(*a.lower)}},
                  colour);
      }
      svg->Line({x(p - 1), y.At(*a.value)}, {x(p), y.At(*b.value)}, {colour, 2.5});
    }
    for (size_t p = 0; p < periods; ++p) {
      const Estimate& e = one.by_period[p];
      if (!e.value) continue;
      if (data_.series.size() == 1 && e.lower && e.upper)
        svg->Line({x(p), y.At(*e.lower)}, {x(p), y.At(*e.upper)}, {colour, 1});
      DrawDot({x(p), y.At(*e.value)}, periods > 40 ? 2 : 3.5, e, colour, svg);
    }
  }

  // Hollow where the figure is not of this release.
  static void DrawDot(Point at, double radius, const Estimate& e, const char* colour, Svg* svg) {
    if (e.status == kOfLastRelease) {
      svg->Ring(at, radius, colour);
    } else {
      svg->Circle(at, radius, colour);
    }
  }

  // At their ends, moved apart where they would meet, down and then up again from the bottom.
  void NameLines(const ChartScale& y, double bottom, double right, Svg* svg) const {
    struct End {
      double y;
      size_t of;
    };
    std::vector<End> ends;
    for (size_t i = 0; i < data_.series.size(); ++i) {
      const auto& all = data_.series[i].by_period;
      const auto last =
          std::find_if(all.rbegin(), all.rend(), [](const Estimate& e) { return e.value.has_value(); });
      if (last != all.rend()) ends.push_back({y.At(*last->value), i});
    }
    std::sort(ends.begin(), ends.end(), [](const End& a, const End& b) { return a.y < b.y; });
    double least = 0, most = bottom;
    for (End& end : ends) {
      end.y = std::max(least, end.y);
      least = end.y + kLine;
    }
    for (size_t i = ends.size(); i-- > 0;) {
      ends[i].y = std::min(most, ends[i].y);
      most = ends[i].y - kLine;
    }
    for (const End& end : ends) {
      svg->Text({right + 10, end.y + 4}, Shortened(data_.series[end.of].name, 26),
                {"start", 13, end.of == 0, kColours[end.of]});
    }
  }

  void DrawRows(double bottom, Svg* svg) const {
    const double left = 230, right = kWidth - 100;
    const ChartScale x = ValueScale(left, right);
    for (const double tick : x.Ticks()) {
      svg->Line({x.At(tick), kTop + 2}, {x.At(tick), bottom}, {kGrid, 1});
      svg->Text({x.At(tick), kTop - 6}, Number(tick, static_cast<uint32_t>(x.Decimals())),
                {"middle", 12, false, kQuiet});
    }
    double y = kTop + 16;
    for (const ChartSeries& one : data_.series) {
      const Estimate& e = one.by_period.front();
      svg->Text({left - 12, y + 4}, Shortened(one.name.empty() ? data_.of_all : one.name, 30), {"end", 13});
      if (e.value) {
        if (e.lower && e.upper) svg->Line({x.At(*e.lower), y}, {x.At(*e.upper), y}, {kAccent, 2});
        DrawDot({x.At(*e.value), y}, 4.5, e, kAccent, svg);
        svg->Text({kWidth - 12, y + 4}, Number(*e.value), {"end", 13});
      } else {
        svg->Text({left + 6, y + 4}, TextOf(e.status), {"start", 12, false, kQuiet});
      }
      y += kRow;
    }
  }

  const Document& document_;
  const ChartData& data_;
};

}  // namespace

bool DrawChart(const Document& document, const Selection& selection, std::string* svg, Problem* problem) {
  ChartData data;
  if (!ReadChart(*document.cube, selection, document.language, &data, problem)) return false;
  *svg = Chart(document, data).Draw();
  return true;
}

}  // namespace kpr::http
