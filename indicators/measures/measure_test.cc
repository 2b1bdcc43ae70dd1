#include "indicators/measures/measure.h"

#include <gtest/gtest.h>

#include <set>

namespace kpr {
namespace {

std::vector<v1::Component::MeasureCase> Fields() {
  std::vector<v1::Component::MeasureCase> fields = {v1::Component::MEASURE_NOT_SET};
  const auto* measures = v1::Component::descriptor()->FindOneofByName("measure");
  for (int i = 0; i < measures->field_count(); ++i)
    fields.push_back(static_cast<v1::Component::MeasureCase>(measures->field(i)->number()));
  return fields;
}

TEST(MeasureTest, EveryFieldOfTheProtoHasOneMeasureThatIsWhole) {
  std::set<const Measure*> seen;
  for (const auto field : Fields()) {
    const Measure* measure = MeasureOf(field);
    ASSERT_NE(measure, nullptr) << "no file in indicators/measures for field " << field;
    EXPECT_TRUE(seen.insert(measure).second);
    EXPECT_NE(measure->subjects[0], v1::SUBJECT_TYPE_UNSPECIFIED);
    EXPECT_NE(measure->sort, nullptr);
    EXPECT_NE(measure->evaluate, nullptr);
    EXPECT_NE(measure->describe, nullptr);
    EXPECT_NE(measure->facts, nullptr);
    EXPECT_TRUE(field == v1::Component::MEASURE_NOT_SET || measure->check != nullptr) << field;
  }
}

}  // namespace
}  // namespace kpr
