// How long the largest answer takes: 800,000 cells of a table as JSON-stat and as CSV, compressed and not.
#include <fmt/format.h>

#include <chrono>

#include "base/limits.h"
#include "indicators/http/compression.h"
#include "indicators/http/csv.h"
#include "indicators/http/data.h"

int main() {
  using namespace kpr;
  using namespace kpr::http;
  v1::ReleaseTable table;
  table.set_decimals(1);
  table.add_amounts()->set_id("denominator");
  table.add_value_amounts(0);
  constexpr int kAreas = 370, kMonths = 103, kMeasures = 7;
  for (int area = 0; area < kAreas; ++area) {
    for (int month = 0; month < kMonths; ++month) {
      for (const char* sex : {"all", "female", "male"}) {
        v1::ReleaseRow* row = table.add_rows();
        row->set_area(fmt::format("{:04}", 1101 + area));
        row->set_period(fmt::format("{}-{:02}", 2016 + month / 12, month % 12 + 1));
        row->set_sex(sex);
        row->set_age("all");
        row->add_amounts(area * month % 900);
        row->add_states((area + month) % 4 == 0 ? v1::FIGURE_STATE_HIDDEN : v1::FIGURE_STATE_SHOWN);
        if (row->states(0) == v1::FIGURE_STATE_HIDDEN) continue;
        row->set_value(area * month % 1000 / 10.0);
        row->set_lower(row->value() - 2);
        row->set_upper(row->value() + 2);
      }
    }
  }
  v1::Release release;
  const auto timed = [](const char* what, const auto& make) {
    const auto began = std::chrono::steady_clock::now();
    const std::string made = make();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    fmt::print("{:<24} {:>6.0f} ms {:>10} bytes\n", what, took.count(), made.size());
    return made;
  };
  const auto began = std::chrono::steady_clock::now();
  const Cube cube(table, 2024);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  const Selection all = Everything(cube);
  fmt::print("{} cells (limit {}, {} measures); the table as a cube, once: {:.0f} ms\n", CellsOf(all),
             limits::kPublishedCells, kMeasures, took.count());
  Document document;
  document.cube = &cube;
  document.release = &release;
  for (int i = 0; i < 3; ++i) {
    const std::string json = timed("JSON-stat", [&] { return JsonStat(document, all); });
    timed("  gzip", [&] { return Compress(json, Coding::kGzip); });
    timed("  brotli", [&] { return Compress(json, Coding::kBrotli); });
    timed("CSV", [&] { return Csv(cube, all, {}, Language::kNorwegian); });
  }
}
