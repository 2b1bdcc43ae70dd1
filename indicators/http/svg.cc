#include "indicators/http/svg.h"

#include <fmt/format.h>

#include "base/text.h"

namespace kpr::http {
namespace {

std::string PointsOf(const std::vector<Point>& points) {
  std::string text;
  for (const Point& point : points) {
    if (!text.empty()) text += ' ';
    text += fmt::format("{:.1f},{:.1f}", point.x, point.y);
  }
  return text;
}

}  // namespace

void Svg::Line(Point from, Point to, const Pen& pen) {
  body_ +=
      fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}" stroke-width="{}"/>)",
                  from.x, from.y, to.x, to.y, pen.colour, pen.width);
}

void Svg::Area(const std::vector<Point>& points, const std::string& colour) {
  body_ += fmt::format(R"(<polygon points="{}" fill="{}" fill-opacity="0.14"/>)", PointsOf(points), colour);
}

void Svg::Circle(Point centre, double radius, const std::string& colour) {
  body_ += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{}" fill="{}"/>)", centre.x, centre.y, radius,
                       colour);
}

void Svg::Ring(Point centre, double radius, const std::string& colour) {
  body_ += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{}" fill="#fff" stroke="{}" stroke-width="2"/>)",
                       centre.x, centre.y, radius, colour);
}

void Svg::Text(Point at, const std::string& text, const Letters& letters) {
  body_ += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" font-size="{}" fill="{}"{}>{}</text>)",
                       at.x, at.y, letters.anchor, letters.size, letters.colour,
                       letters.bold ? R"( font-weight="600")" : "", EscapeHtml(text));
}

std::string Svg::Finish(const std::string& title, const std::string& description,
                        const char* language) const {
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" lang="{2}" )"
      R"(aria-label="{3}. {4}" font-family="Inter,Segoe UI,Arial,sans-serif"><title>{3}</title><desc>{4}</desc>)"
      R"(<rect width="100%" height="100%" fill="#fff"/>{5}</svg>)",
      width_, height_, language, EscapeHtml(title), EscapeHtml(description), body_);
}

}  // namespace kpr::http
