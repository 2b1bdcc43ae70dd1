// From one subject's history to its contributions: the function f whose differences keep every cell exact.
// Pure: the same history gives the same contributions, in any process, on any day. Whatever stays as it is is
// told once; what time alone will change (birthdays, facts that grow old) is told ahead to the end of the
// calendar's year, under the month in which it falls due, and the rest when the year turns.
#pragma once

#include <array>
#include <vector>

#include "indicators/cells/cell.h"
#include "indicators/engine/axis.h"
#include "indicators/engine/plan.h"
#include "indicators/engine/truth.h"
#include "registry/timeline/history.h"

namespace kpr {

struct Contribution {
  CellKey key;
  uint32_t slot = 0;  // with its month
  uint32_t part = 0;  // of the plan; contributions come in this order
  int64_t amount = 0;
};

// Not thread-safe; keeps its working memory from call to call.
class Evaluator {
 public:
  // `plan` outlives the evaluator.
  explicit Evaluator(const Plan* plan) : plan_(plan), truth_(plan), places_(plan->places) {}

  // Appends the contributions of [from, until], `from` counted from its month: the levels of that month in
  // full, then their changes. Two histories that are the same before `from` differ in their contributions by
  // what their cells must change by. `until` is the last day of a month. kFirstDate: everything up to
  // `until`.
  void Evaluate(const History& history, Date from, Date until, std::vector<Contribution>* out);
  // What is added to Evaluate(history, kFirstDate, from - 1) by looking on to `until`. `from` is the first
  // day of a month.
  void Advance(const History& history, Date from, Date until, std::vector<Contribution>* out);

 private:
  struct Level;  // what a subject counts for on one look

  // Driver.
  void Run(const History& history, std::vector<Contribution>* out);
  bool Due(Date day) const { return from_ <= day && day <= until_; }
  void CollectTurns();
  void CollectPersonTurns();
  Date ReportUntil(const Fact& report) const;
  void BuildAxis(Span span);
  void RunPart(const PlanPart& part);
  bool Excluded(Date day) const;
  // Keys and amounts.
  CellKey KeyOf(const PlanPart& part, const CellPlace& place, Date age_on) const;
  void Emit(CellKey key, int month, uint32_t slot, int64_t amount);
  void EmitDay(const CellKey& key, Date day, uint32_t slot, int64_t amount);
  void EmitLevel(const PlanPart& part, const Level& before, const Level& after, Window look);
  // Levels.
  void PersonLevel(const PlanPart& part);
  void StayLevel(const PlanPart& part);
  void ReportLevel(const PlanPart& part);
  void InhabitantLevel(const PlanPart& part);
  template <typename LevelAt>
  void EmitChanges(const PlanPart& part, LevelAt level_at);
  const std::vector<CellPlace>& PlacesOf(const ComponentPlan& c);
  void PlaceByLatest(const ComponentPlan& c, std::vector<CellPlace>* places);
  void PlaceInEvery(const ComponentPlan& c, std::vector<CellPlace>* places);
  void LookUpClasses(const ComponentPlan& c);
  uint32_t ClassesAt(const ComponentPlan& c, size_t look) const;
  // Days.
  void StayDayTurns(const PlanPart& part);
  void ReportDayTurns(const PlanPart& part);
  void EmitStretch(const PlanPart& part, const CellPlace& place, Date begin, Date end, int64_t amount);
  // Flows.
  void FactFlow(const PlanPart& part);
  void WaitingFlow(const PlanPart& part);
  void ScoreFlow(const PlanPart& part);
  void SurveyFlow(const PlanPart& part);
  void CountSurveyAnswers(const PlanPart& part, const CellKey& key, int month, const Fact& response);
  void FactsForCoverage();
  void DeclaredMonths();
  void Industry();
  void Inhabitants();

  const Plan* plan_;
  Truth truth_;
  const History* history_ = nullptr;
  Date from_, until_;
  uint32_t part_ = 0;       // being run
  bool advancing_ = false;  // levels before `from_` are told already
  std::vector<Contribution>* out_ = nullptr;
  std::vector<int> excluded_;  // years
  std::vector<Date> turns_;    // days on which anything about the subject can change
  Axis axis_;
  std::vector<uint8_t> bands_;               // age band per look
  std::vector<const PositionSet*> classes_;  // of the component being run
  std::vector<const Spell*> latest_;
  PositionSet active_;
  Span axis_span_ = Span::kLastDay;
  bool axis_built_ = false;
  struct Places {
    std::vector<CellPlace> at;  // per look; none where nothing places the person
    bool computed = false;
  };
  std::vector<Places> places_;  // by ComponentPlan::places
};

int64_t ReportedAmount(const ComponentPlan& c, const Fact& report);

}  // namespace kpr
