#include "indicators/http/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "indicators/http/chart_data.h"
#include "indicators/http/svg.h"

namespace kpr::http {
namespace {

constexpr double kWidth = 820, kTop = 70, kRow = 22, kLetter = 6.9;  // of a letter of 13 pixels
constexpr const char* kQuiet = "#5b5d60";
constexpr const char* kGrid = "#e3e6e6";
constexpr const char* kAccent = "#0b5c5e";
const std::array<const char*, kChartLines> kColours{kAccent,   "#c2410c", "#1d4ed8", "#7e22ce", "#a16207",
                                                    "#be185d", "#15803d", "#475569", "#0e7490", "#7f1d1d"};

std::string Shortened(const std::string& name, size_t letters) {
  size_t at = 0, count = 0;
  for (; at < name.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(name[at]) & 0xC0) != 0x80;  // a letter of UTF-8
    if (begins && ++count > letters) break;
  }
  return at == name.size() ? name : name.substr(0, at) + "…";
}

// An axis from one round number to another.
struct Axis {
  double low = 0, high = 1, step = 0.2;
  double from = 0, to = 1;  // pixels of low and high

  double At(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

// Of all values, and of zero where they are near it.
Axis AxisOf(const ChartData& data, double from, double to) {
  double low = INFINITY, high = -INFINITY;
  for (const Compared& one : data.compared) {
    for (const Estimate& e : one.by_period) {
      if (!e.value) continue;
      low = std::min({low, *e.value, e.lower.value_or(*e.value)});
      high = std::max({high, *e.value, e.upper.value_or(*e.value)});
    }
  }
  if (low > high) low = 0, high = 1;
  if (low >= 0 && low < (high - low) * 2) low = 0;
  if (high - low < std::abs(high) * 0.1 || high == low) {
    const double room = std::max(std::abs(high) * 0.05, 0.5);
    if (low != 0) low -= room;
    high += room;
  }
  Axis axis{low, high, 1, from, to};
  const double rough = (high - low) / 5, power = std::pow(10, std::floor(std::log10(rough)));
  axis.step = power * (rough <= power ? 1 : rough <= 2 * power ? 2 : rough <= 5 * power ? 5 : 10);
  axis.low = std::floor(low / axis.step) * axis.step;
  axis.high = std::ceil(high / axis.step) * axis.step;
  return axis;
}

// What is drawn, and how it is said.
class Chart {
 public:
  Chart(const Document& document, const ChartData& data) : document_(document), data_(data) {}

  std::string Draw() {
    const std::vector<std::string> missing = data_.OverTime() ? Missing() : std::vector<std::string>();
    const double footer = 36 + 15 * static_cast<double>(missing.size());
    const double drawn = data_.OverTime() ? 360 : kRow * static_cast<double>(data_.compared.size()) + 8;
    const double bottom = kTop + drawn, height = bottom + (data_.OverTime() ? 30 : 0) + footer;
    Svg svg(kWidth, height);
    const std::string& title = In(document_.cube->table().title(), document_.language);
    svg.Text({12, 26}, Shortened(title, 90), {"start", 17, true});
    svg.Text({12, 46}, Subtitle(), {"start", 13, false, kQuiet});
    if (data_.OverTime()) {
      DrawLines(bottom, &svg);
    } else {
      DrawRows(bottom, &svg);
    }
    double y = height - footer + 20;
    for (const std::string& line : missing) {
      svg.Text({12, y}, Shortened(line, 135), {"start", 11, false, kQuiet});
      y += 15;
    }
    svg.Text({12, y}, Source(), {"start", 11, false, kQuiet});
    return svg.Finish(title, Description());
  }

 private:
  const char* Say(const char* nb, const char* en) const {
    return document_.language == Language::kNorwegian ? nb : en;
  }

  std::string Number(double value, uint32_t decimals) const {
    std::string text;
    AppendNumber(value, decimals, &text);
    if (document_.language == Language::kNorwegian) std::replace(text.begin(), text.end(), '.', ',');
    return text;
  }
  std::string Number(double value) const { return Number(value, data_.measure->decimals); }
  std::string Tick(const Axis& axis, double value) const {
    const double decimals = std::max(0.0, -std::floor(std::log10(axis.step) + 1e-9));
    return Number(std::abs(value) < axis.step / 2 ? 0 : value, static_cast<uint32_t>(decimals));
  }

  // Measure, unit, and what all of it has in common.
  std::string Subtitle() const {
    std::string text = data_.of_all;
    if (!data_.OverTime()) text += (text.empty() ? "" : ", ") + data_.periods.front();
    const std::string& measure = In(data_.measure->label, document_.language);
    if (data_.measure->code != "value") text += (text.empty() ? "" : ". ") + measure;
    return Shortened(fmt::format("{} ({})", text, In(data_.measure->unit, document_.language)), 110);
  }

  std::string Source() const {
    const v1::Release& release = *document_.release;
    std::string text = Say("Kilde: kpr", "Source: kpr");
    if (document_.definition != nullptr)
      text += " – " + In(document_.definition->source(), document_.language);
    return Shortened(text, 90) + fmt::format(". {} {} {}, {}", Say("Utgivelse", "Release"), release.series(),
                                             release.number(), TimeText(release).substr(0, 10));
  }

  static std::string_view Words(std::string_view status, Language language) {
    for (const Flag& flag : Flags()) {
      if (status == flag.code) return language == Language::kNorwegian ? flag.nb : flag.en;
    }
    return status;
  }

  // What has no number: a line for each reason.
  std::vector<std::string> Missing() const {
    std::vector<std::string> lines;
    for (const Flag& flag : Flags()) {
      std::string of;
      size_t count = 0;
      for (const Compared& one : data_.compared) {
        for (size_t p = 0; p < data_.periods.size(); ++p) {
          if (one.by_period[p].value || one.by_period[p].status != flag.code) continue;
          if (++count > 3) continue;
          of += fmt::format("{}{}{}{}", of.empty() ? "" : ", ", one.name, one.name.empty() ? "" : " ",
                            data_.periods[p]);
        }
      }
      if (count == 0) continue;
      if (count > 3) of += fmt::format(" {} {} {}", Say("og", "and"), count - 3, Say("til", "more"));
      lines.push_back(fmt::format("{}: {}", Words(flag.code, document_.language), of));
    }
    return lines;
  }

  // The newest figures, for who does not see the picture.
  std::string Description() const {
    std::string text = data_.periods.back() + ":";
    for (const Compared& one : data_.compared) {
      const Estimate& e = one.by_period.back();
      text += fmt::format(" {} {};", one.name.empty() ? data_.of_all : one.name,
                          e.value ? Number(*e.value) : std::string(Words(e.status, document_.language)));
    }
    text.pop_back();
    return text;
  }

  void DrawLines(double bottom, Svg* svg) const {
    const bool named = data_.compared.size() > 1;
    const double left = 62, right = kWidth - (named ? 200 : 30);
    const Axis y = AxisOf(data_, bottom, kTop);
    for (int i = 0; y.low + i * y.step <= y.high + y.step / 2; ++i) {
      const double value = y.low + i * y.step;
      svg->Line({left, y.At(value)}, {right, y.At(value)}, {kGrid, 1});
      svg->Text({left - 8, y.At(value) + 4}, Tick(y, value), {"end", 12, false, kQuiet});
    }
    const size_t periods = data_.periods.size();
    const auto x = [&](size_t p) {
      return left + 16 + (right - left - 32) * static_cast<double>(p) / static_cast<double>(periods - 1);
    };
    const double room = kLetter * static_cast<double>(data_.periods.front().size() + 2);
    const auto every = static_cast<size_t>(std::ceil(room * static_cast<double>(periods) / (right - left)));
    for (size_t p = (periods - 1) % every; p < periods; p += every)
      svg->Text({x(p), bottom + 22}, data_.periods[p], {"middle", 12, false, kQuiet});
    for (size_t i = data_.compared.size(); i-- > 0;) DrawLine(data_.compared[i], kColours[i], x, y, svg);
    if (named) NameLines(y, right, svg);
  }

  // In pieces, parted where there is no number.
  template <typename X>
  void DrawLine(const Compared& one, const char* colour, X x, const Axis& y, Svg* svg) const {
    std::vector<Point> line, upper, lower;
    const auto finish = [&] {
      if (data_.compared.size() == 1 && upper.size() > 1) {
        upper.insert(upper.end(), lower.rbegin(), lower.rend());
        svg->Area(upper, colour);
      }
      if (line.size() > 1) svg->Path(line, {colour, 2.5});
      for (const Point& point : line) svg->Circle(point, line.size() > 40 ? 2 : 3.5, colour);
      line.clear();
      upper.clear();
      lower.clear();
    };
    for (size_t p = 0; p < one.by_period.size(); ++p) {
      const Estimate& e = one.by_period[p];
      if (!e.value) {
        finish();
        continue;
      }
      line.push_back({x(p), y.At(*e.value)});
      upper.push_back({x(p), y.At(e.upper.value_or(*e.value))});
      lower.push_back({x(p), y.At(e.lower.value_or(*e.value))});
    }
    finish();
  }

  // At their ends, moved apart where they would meet.
  void NameLines(const Axis& y, double right, Svg* svg) const {
    struct End {
      double y;
      size_t of;
    };
    std::vector<End> ends;
    for (size_t i = 0; i < data_.compared.size(); ++i) {
      const auto& all = data_.compared[i].by_period;
      const auto last =
          std::find_if(all.rbegin(), all.rend(), [](const Estimate& e) { return e.value.has_value(); });
      if (last != all.rend()) ends.push_back({y.At(*last->value), i});
    }
    std::sort(ends.begin(), ends.end(), [](const End& a, const End& b) { return a.y < b.y; });
    double next = 0;
    for (const End& end : ends) {
      next = std::max(next, end.y);
      svg->Text({right + 10, next + 4}, Shortened(data_.compared[end.of].name, 26),
                {"start", 13, end.of == 0, kColours[end.of]});
      next += 17;
    }
  }

  void DrawRows(double bottom, Svg* svg) const {
    const double left = 230, right = kWidth - 90;
    const Axis x = AxisOf(data_, left, right);
    for (int i = 0; x.low + i * x.step <= x.high + x.step / 2; ++i) {
      const double value = x.low + i * x.step;
      svg->Line({x.At(value), kTop + 2}, {x.At(value), bottom}, {kGrid, 1});
      svg->Text({x.At(value), kTop - 6}, Tick(x, value), {"middle", 12, false, kQuiet});
    }
    double y = kTop + 16;
    for (const Compared& one : data_.compared) {
      const Estimate& e = one.by_period.front();
      svg->Text({left - 12, y + 4}, Shortened(one.name.empty() ? data_.of_all : one.name, 30), {"end", 13});
      if (e.value) {
        if (e.lower && e.upper) svg->Line({x.At(*e.lower), y}, {x.At(*e.upper), y}, {kAccent, 2});
        svg->Circle({x.At(*e.value), y}, 4.5, kAccent);
        svg->Text({kWidth - 12, y + 4}, Number(*e.value), {"end", 13});
      } else {
        svg->Text({left + 6, y + 4}, std::string(Words(e.status, document_.language)),
                  {"start", 12, false, kQuiet});
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
