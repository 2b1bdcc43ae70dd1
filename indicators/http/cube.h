// A table of a release as a cube: area, period, sex, age and measure, each a dimension with codes. Pure;
// thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kpr/v1/publication.pb.h"

namespace kpr::http {

enum class Language { kNorwegian, kEnglish };
const std::string& In(const v1::Text& text, Language language);

struct Category {
  std::string code;
  v1::Text label;
  int parent = -1;        // place of the category that it is a part of
  uint32_t decimals = 0;  // of a measure
  v1::Text unit;
};
struct CubeDimension {
  enum class Role { kGeo, kTime, kMetric, kClassification };
  std::string code;
  v1::Text label;
  Role role = Role::kClassification;
  std::vector<Category> categories;
  std::map<std::string, int> by_code;  // in lower case

  int Find(const std::string& code) const;  // without regard to case; -1: there is none
};

// Why there is no number, or what is special about it: the status of a cell, as its code.
struct Flag {
  const char* code;
  const char* nb;
  const char* en;
};
const std::vector<Flag>& Flags();

struct CubeCell {
  std::optional<double> value;
  std::string_view status;  // empty: an ordinary number
};

class Cube {
 public:
  // `table` is of a release whose areas are of the structure year.
  Cube(v1::ReleaseTable table, int structure_year);

  const v1::ReleaseTable& table() const { return table_; }
  const std::vector<CubeDimension>& dimensions() const { return dimensions_; }
  // One place in each dimension, in their order.
  CubeCell At(const std::vector<int>& places) const;

 private:
  void AddAreas(int structure_year);
  void AddPeriods();
  void AddStrata();
  void AddMeasures();
  CubeCell Measure(const v1::ReleaseRow& row, int measure) const;
  CubeCell Amount(const v1::ReleaseRow& row, int amount) const;

  v1::ReleaseTable table_;
  std::vector<CubeDimension> dimensions_;
  int sex_ = -1, age_ = -1;  // their dimensions, where the table has them
  std::vector<int> row_of_;  // by the places of all dimensions but the measure; -1: no row
};

// Words that every outlet uses for the same thing.
v1::Text SexLabel(const std::string& sex);
v1::Text AgeLabel(const std::string& age);

}  // namespace kpr::http
