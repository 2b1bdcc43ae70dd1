// A drawing in SVG 1.1, without scripts, styles or references. Pure.
#pragma once

#include <string>
#include <vector>

namespace kpr::http {

struct Point {
  double x = 0, y = 0;
};
struct Pen {
  std::string colour = "#14282a";
  double width = 1;
};
struct Letters {
  const char* anchor = "start";  // middle, end
  int size = 13;                 // pixels
  bool bold = false;
  std::string colour = "#14282a";
};

class Svg {
 public:
  Svg(double width, double height) : width_(width), height_(height) {}

  void Line(Point from, Point to, const Pen& pen);
  void Area(const std::vector<Point>& points, const std::string& colour);
  void Circle(Point centre, double radius, const std::string& colour);
  void Ring(Point centre, double radius, const std::string& colour);
  void Text(Point at, const std::string& text, const Letters& letters);
  // The whole drawing, which is called `title` and says `description` to who does not see it, in a language
  // (BCP 47).
  std::string Finish(const std::string& title, const std::string& description, const char* language) const;

 private:
  double width_, height_;
  std::string body_;
};

}  // namespace kpr::http
