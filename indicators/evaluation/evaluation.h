// One subject being evaluated: its state, the days looked at, the observations on which it is looked at, and
// where what it counts for goes. Measures (indicators/measures) emit through it; the engine leads them. Pure.
#pragma once

#include <algorithm>
#include <vector>

#include "indicators/cells/cell.h"
#include "indicators/evaluation/component_plan.h"
#include "indicators/evaluation/observation_grid.h"
#include "indicators/evaluation/predicate_evaluator.h"
#include "registry/codelists/code_ends.h"
#include "registry/timeline/subject_state.h"

namespace kpr {

struct Contribution {
  CellKey key;
  uint32_t slot = 0;  // with its month
  uint32_t step = 0;  // of the plan; contributions come in this order
  int64_t amount = 0;
};

// The days whose contributions are wanted.
struct EvaluationRange {
  Date from, until;
  bool advancing = false;  // levels before `from` are emitted already
};

// Not thread-safe; keeps its working memory from subject to subject.
class Evaluation {
 public:
  // `predicates` and `code_ends` outlive this; `places` are the plan's rules to place a person.
  Evaluation(const std::vector<PredicatePlan>* predicates, uint32_t places, const CodeEnds* code_ends)
      : predicates_(predicates), code_ends_(code_ends), attributions_(places) {}

  // By other ends of codes from here on; they outlive the evaluation of what comes.
  void UseCodeEnds(const CodeEnds* code_ends) { code_ends_ = code_ends; }

  // From here on about `state`, appending to `out`; both outlive the evaluation of the subject.
  void Begin(const SubjectState& state, const EvaluationRange& range, std::vector<Contribution>* out);
  void set_change_points(std::vector<Date> days) { change_points_ = std::move(days); }  // in order
  void set_step(uint32_t step) { step_ = step; }

  const SubjectState& state() const { return *state_; }
  const EvaluationRange& range() const { return range_; }
  const std::vector<int>& excluded_years() const { return excluded_; }
  bool InRange(Date day) const { return range_.from <= day && day <= range_.until; }
  // In a year in which the person is in no municipality's figures.
  bool Excluded(Date day) const;
  // What a municipality reports of itself holds until the next report, or until its code is no longer in
  // force.
  Date ReportUntil(const Fact& report) const;

  // Observes the end of every month in which a level can change, from that of `from` on.
  void UseGrid(ReferencePeriod period);
  // Observes just these days, in order.
  void UseDays(const std::vector<Date>& days);
  const ObservationGrid& grid() const { return grid_; }
  uint8_t BandAt(size_t observation) const { return bands_[observation]; }
  // Whether what is seen on the observation is in contributions of an earlier run.
  bool EmittedBefore(size_t observation) const { return range_.advancing && observation == 0; }
  PredicateEvaluator& predicates() { return predicates_; }
  // Where the person counts on each observation; no municipality where nothing places the person.
  const std::vector<CellPlace>& AttributionsOf(const ComponentPlan& c);
  // ClassesAt answers for the component given here.
  void LookUpClasses(const ComponentPlan& c);
  uint32_t ClassesAt(const ComponentPlan& c, size_t observation,
                     const Fact* fact = nullptr) const;  // bit per class

  CellKey KeyOf(const PlanStep& step, const CellPlace& place, Date age_on) const;
  void Emit(CellKey key, int month, uint32_t slot, int64_t amount);
  // `amount` on each of the days [begin, end) from `from` on.
  void EmitDays(const PlanStep& step, const CellPlace& place, Date begin, Date end, int64_t amount);

  // Runs f() over an earlier beginning, into `out` in place of the contributions.
  template <typename F>
  void Aside(Date from, std::vector<Contribution>* out, F f) {
    const Date from_before = range_.from;
    std::vector<Contribution>* const out_before = out_;
    range_.from = from;
    out_ = out;
    f();
    range_.from = from_before;
    out_ = out_before;
  }

 private:
  void BuildGrid(ReferencePeriod period);
  void ObserveGrid();
  void EmitDay(const CellKey& key, Date day, uint32_t slot, int64_t amount);
  void AttributeToLatest(const ComponentPlan& c, std::vector<CellPlace>* places);
  void AttributeToEvery(const ComponentPlan& c, std::vector<CellPlace>* places);

  PredicateEvaluator predicates_;
  const CodeEnds* code_ends_;
  const SubjectState* state_ = nullptr;
  EvaluationRange range_;
  uint32_t step_ = 0;  // being run
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
    std::vector<CellPlace> at;  // per observation
    bool computed = false;
  };
  std::vector<Attributions> attributions_;  // by ComponentPlan::places
};

}  // namespace kpr
