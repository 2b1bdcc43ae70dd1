// Typed query answers as kpr.v1 messages.
#pragma once

#include "indicators/query/comparison.h"
#include "indicators/query/explanation.h"
#include "indicators/query/result_table.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

// The rows [first, first + count) of the table, without a page token.
v1::IndicatorTable ToProto(const ResultTable& table, size_t first, size_t count);
v1::IndicatorExplanation ToProto(const Explanation& explanation);
v1::Revision ToProto(const Revision& revision);
v1::MunicipalityComparison ToProto(const Comparison& comparison);

}  // namespace kpr
