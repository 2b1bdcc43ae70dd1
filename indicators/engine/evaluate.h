// From one subject's state to its contributions: the function f whose differences keep every cell exact.
// Pure: the same state gives the same contributions, in any process, on any day. Whatever stays as it is is
// emitted_before once; what time alone will change (birthdays, facts that grow old) is emitted_before ahead
// to the end of the calendar's year, under the month in which it falls due, and the rest when the year turns.
#pragma once

#include <array>
#include <vector>

#include "indicators/cells/cell.h"
#include "indicators/engine/observation_grid.h"
#include "indicators/engine/plan.h"
#include "indicators/engine/predicate_evaluator.h"
#include "registry/timeline/subject_state.h"

namespace kpr {

struct Contribution {
  CellKey key;
  uint32_t slot = 0;  // with its month
  uint32_t step = 0;  // of the plan; contributions come in this order
  int64_t amount = 0;
};

// Not thread-safe; keeps its working memory from call to call.
class Evaluator {
 public:
  // `plan` outlives the evaluator.
  explicit Evaluator(const Plan* plan)
      : plan_(plan), predicates_(plan), attributions_(plan->places), presences_(plan->presences) {}

  // Appends the contributions of [from, until], `from` counted from its month: the levels of that month in
  // full, then their changes. Two histories that are the same before `from` differ in their contributions by
  // what their cells must change by. `until` is the last day of a month. kFirstDate: everything up to
  // `until`.
  void Evaluate(const SubjectState& state, Date from, Date until, std::vector<Contribution>* out);
  // What is added to Evaluate(state, kFirstDate, from - 1) by looking on to `until`. `from` is the first
  // day of a month.
  void Advance(const SubjectState& state, Date from, Date until, std::vector<Contribution>* out);

 private:
  struct Stock;  // what a subject counts for on one observation
  // Where a subject is behind an amount, over months.
  struct Presence {
    int first_month = 0, last_month = 0;
    CellPlace place;
    uint8_t age = 0;
    uint32_t slot = 0;
  };
  struct Presences {
    std::vector<Presence> all;
    bool computed = false;
  };
  // The same on observations [begin, end) of the grid.
  struct PresenceOnGrid {
    size_t begin = 0, end = 0;
    CellPlace place;
    uint8_t age = 0;
    uint32_t slot = 0;
  };

  // Driver.
  void Run(const SubjectState& state, std::vector<Contribution>* out);
  bool InRange(Date day) const { return from_ <= day && day <= until_; }
  void CollectChangePoints();
  void CollectPersonChangePoints();
  Date ReportUntil(const Fact& report) const;
  void BuildGrid(ReferencePeriod period);
  void UseGrid(ReferencePeriod period);
  void RunStep(const PlanStep& step);
  bool Excluded(Date day) const;
  // Keys and amounts.
  CellKey KeyOf(const PlanStep& step, const CellPlace& place, Date age_on) const;
  void Emit(CellKey key, int month, uint32_t slot, int64_t amount);
  void EmitDay(const CellKey& key, Date day, uint32_t slot, int64_t amount);
  void EmitStockChange(const PlanStep& step, const Stock& before, const Stock& after,
                       ObservationWindow observation);
  // Levels.
  void PersonStock(const PlanStep& step);
  void StayStock(const PlanStep& step);
  void ReportedStock(const PlanStep& step);
  void InhabitantStock(const PlanStep& step);
  template <typename StockAt>
  void EmitChanges(const PlanStep& step, StockAt stock_at);
  const std::vector<CellPlace>& AttributionsOf(const ComponentPlan& c);
  void AttributeToLatest(const ComponentPlan& c, std::vector<CellPlace>* places);
  void AttributeToEvery(const ComponentPlan& c, std::vector<CellPlace>* places);
  void LookUpClasses(const ComponentPlan& c);
  uint32_t ClassesAt(const ComponentPlan& c, size_t observation) const;
  // Subjects behind amounts.
  void SubjectStock(const PlanStep& step);
  void LookUpStays(const PlanStep& step);
  void LayOnGrid(const Presences& presences);
  const Presences& PresencesOf(const PlanStep& step);
  void PresencesOfFlow(const PlanStep& step, std::vector<Presence>* presences);
  std::vector<std::pair<CellKey, uint32_t>> SubjectCellsAt(const PlanStep& step, size_t observation);
  // Days.
  template <typename F>
  void ForEachStayPiece(const ComponentPlan& c, F f);
  template <typename F>
  void ForEachObservedStay(const ComponentPlan& c, F f);
  template <typename F>
  void ForEachReport(const ComponentPlan& c, F f);
  void StayDays(const PlanStep& step);
  void ReportedDays(const PlanStep& step);
  void EmitDays(const PlanStep& step, const CellPlace& place, Date begin, Date end, int64_t amount);
  // Flows.
  void FactFlow(const PlanStep& step);
  void WaitingFlow(const PlanStep& step);
  void ScoreFlow(const PlanStep& step);
  void SurveyFlow(const PlanStep& step);
  void CountSurveyAnswers(const PlanStep& step, const CellKey& key, int month, const Fact& response);
  void FactsForCoverage();
  void DeclaredMonths();
  void Industry();
  void Inhabitants();

  const Plan* plan_;
  PredicateEvaluator predicates_;
  const SubjectState* state_ = nullptr;
  Date from_, until_;
  uint32_t step_ = 0;       // being run
  bool advancing_ = false;  // levels before `from_` are emitted_before already
  std::vector<Contribution>* out_ = nullptr;
  std::vector<int> excluded_;        // years
  std::vector<Date> change_points_;  // days on which anything about the subject can change
  ObservationGrid grid_;
  std::vector<uint8_t> bands_;          // age band per observation
  std::vector<const BitSet*> classes_;  // of the component being run
  std::vector<const Spell*> latest_;
  BitSet active_;
  ReferencePeriod grid_period_ = ReferencePeriod::kLastDay;
  bool grid_built_ = false;
  struct Attributions {
    std::vector<CellPlace> at;  // per observation; none where nothing places the person
    bool computed = false;
  };
  std::vector<Attributions> attributions_;  // by ComponentPlan::places
  std::vector<Presences> presences_;        // by ComponentPlan::presences
  std::vector<PresenceOnGrid> present_;     // of the step being run
};

int64_t ReportedAmount(const ComponentPlan& c, const Fact& report);

}  // namespace kpr
