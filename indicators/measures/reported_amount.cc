// What providers and municipalities report of themselves: the latest value, or its sum over the days.
#include <algorithm>

#include "indicators/evaluation/fact_field.h"
#include "indicators/evaluation/pieces.h"
#include "indicators/evaluation/stock.h"
#include "indicators/measures/measure.h"
#include "indicators/measures/words.h"
#include "registry/facts/report_facts.h"

namespace kpr {
namespace {

std::string Check(const v1::Component& c) {
  const auto& r = c.reported();
  if (r.terms().empty()) return "at least one term of reported";
  const NamedReportField* first = FindReportField(r.terms(0).field());
  for (const auto& term : r.terms()) {
    const NamedReportField* field = FindReportField(term.field());
    if (field == nullptr) return "a field in each term of reported";
    if (field->kind != first->kind) return "terms of one report: of capacity, or of the workforce";
  }
  if (first->kind == FactKind::kCapacity && c.subject() != v1::SUBJECT_TYPE_PROVIDER)
    return "subject PROVIDER for capacity";
  return "";
}

MeasuringType Sort(const v1::Component& c) {
  return c.reference_period() == v1::REFERENCE_PERIOD_WHOLE_PERIOD ? MeasuringType::kDays
                                                                   : MeasuringType::kStock;
}

void Compile(const v1::Component& c, Instruments, ComponentPlan* plan) {
  plan->fact.kind = FindReportField(c.reported().terms(0).field())->kind;
  for (const std::string& code : c.reported().industries()) plan->industries.push_back(IndustryNumber(code));
  for (const auto& term : c.reported().terms())
    plan->terms.emplace_back(FindReportField(term.field())->value, term.subtract() ? -1 : 1);
}

int64_t ReportedValue(const ComponentPlan& c, const StatedValues& stated) {
  const auto& wanted = c.industries;
  if (!wanted.empty() &&
      std::find(wanted.begin(), wanted.end(), stated.value(CapacityFact::kIndustry)) == wanted.end())
    return 0;
  int64_t value = 0;
  for (const auto& [position, sign] : c.terms) value += sign * int64_t{stated.value(position)};
  return value;
}

void EvaluateStock(const PlanStep& step, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  EmitStock(step, evaluation, [&](size_t i, Stock* stock) {
    StatedValues stated;
    const Fact* report = ReportOn(c.fact.kind, evaluation->grid()[i].day, *evaluation, &stated);
    if (report == nullptr) return;
    stock->amount = ReportedValue(c, stated);
    stock->present = stock->amount != 0;
    if (stock->present) stock->place = CellPlace::At(report->municipality, report->provider);
  });
}

void Evaluate(const PlanStep& step, Evaluation* evaluation) {
  const ComponentPlan& c = *step.component;
  if (c.sort == MeasuringType::kStock) return EvaluateStock(step, evaluation);
  ForEachReport(c.fact.kind, *evaluation,
                [&](const Fact& report, const StatedValues& stated, Date begin, Date end) {
                  evaluation->EmitDays(step, CellPlace::At(report.municipality, report.provider), begin, end,
                                       ReportedValue(c, stated));
                });
}

void Presences(const PlanStep& step, const Evaluation& evaluation, std::vector<Presence>* presences) {
  const ComponentPlan& c = *step.component;
  ForEachReport(c.fact.kind, evaluation,
                [&](const Fact& report, const StatedValues& stated, Date begin, Date end) {
                  if (begin >= end || ReportedValue(c, stated) == 0) return;
                  const int last = end >= kNoEnd          ? kNoLastMonth
                                   : c.SubjectsByPeriod() ? MonthOf(end - 1)
                                                          : MonthOf(end) - 1;  // not on its last day
                  const CellPlace place = CellPlace::At(report.municipality, report.provider);
                  presences->push_back({MonthOf(begin), last, place, 0, c.slot});
                });
}

std::string Describe(const v1::Component& c) {
  const v1::ReportedAmount& r = c.reported();
  std::string text;
  for (const auto& term : r.terms()) {
    text += text.empty() ? (term.subtract() ? "minus " : "") : term.subtract() ? " - " : " + ";
    text += Words(v1::ReportField_Name(term.field()), "REPORT_FIELD_");
  }
  if (!r.industries().empty())
    text += " of industries " + Listed(r.industries(), [](const std::string& code) { return code; });
  return text;
}

}  // namespace

extern const Measure kReportedAmount;
const Measure kReportedAmount = {
    .field = v1::Component::kReported,
    .subjects = {v1::SUBJECT_TYPE_PROVIDER, v1::SUBJECT_TYPE_MUNICIPALITY},
    .sort = Sort,
    .repeats = true,
    .unit = 100,
    .check = Check,
    .compile = Compile,
    .evaluate = Evaluate,
    .presences = Presences,
    .describe = Describe,
    .facts =
        [](const v1::Component& c) { return std::set{FindReportField(c.reported().terms(0).field())->kind}; },
};

}  // namespace kpr
