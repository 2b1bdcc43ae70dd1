// From one subject's state to its contributions: the function f whose differences keep every cell exact.
// Pure: the same state gives the same contributions, in any process, on any day. Whatever stays as it is is
// emitted once; what time alone will change (birthdays, facts that grow old) is emitted ahead to the end of
// the calendar's year, under the month in which it falls due, and the rest when the year turns.
#pragma once

#include <vector>

#include "indicators/engine/plan.h"
#include "indicators/evaluation/evaluation.h"
#include "indicators/evaluation/presence.h"
#include "registry/timeline/subject_state.h"

namespace kpr {

// Not thread-safe; keeps its working memory from call to call.
class Evaluator {
 public:
  // `plan` outlives the evaluator.
  explicit Evaluator(const Plan* plan)
      : plan_(plan),
        evaluation_(&plan->predicates, plan->places, &plan->code_ends),
        presences_(plan->presences) {}

  // Appends the contributions of [from, until], `from` counted from its month: the levels of that month in
  // full, then their changes. Two histories that are the same before `from` differ in their contributions by
  // what their cells must change by. `until` is the last day of a month. kFirstDate: everything up to
  // `until`.
  void Evaluate(const SubjectState& state, Date from, Date until, std::vector<Contribution>* out) {
    Run(state, {from, until, false}, out);
  }
  // What is added to Evaluate(state, kFirstDate, from - 1) by looking on to `until`. `from` is the first
  // day of a month.
  void Advance(const SubjectState& state, Date from, Date until, std::vector<Contribution>* out) {
    Run(state, {from, until, true}, out);
  }
  // What Evaluate(state, kFirstDate, until) gave when codes ended at other times.
  void EvaluateByEnds(const CodeEnds& code_ends, const SubjectState& state, Date until,
                      std::vector<Contribution>* out) {
    evaluation_.UseCodeEnds(&code_ends);
    Evaluate(state, kFirstDate, until, out);
    evaluation_.UseCodeEnds(&plan_->code_ends);
  }

 private:
  struct Presences {
    std::vector<Presence> all;
    bool computed = false;
  };
  using CellSlot = std::pair<CellKey, uint32_t>;

  void Run(const SubjectState& state, const EvaluationRange& range, std::vector<Contribution>* out);
  void RunStep(const PlanStep& step);
  // Subjects behind amounts.
  void CountSubjects(const PlanStep& step);
  bool LayPresences(const PlanStep& step);
  void LayOnGrid(const Presences& presences);
  const Presences& PresencesOf(const PlanStep& step);
  void PresencesOfFlow(const PlanStep& step, std::vector<Presence>* presences);
  std::vector<CellSlot> SubjectCellsAt(const PlanStep& step, size_t observation) const;

  const Plan* plan_;
  Evaluation evaluation_;
  std::vector<Presences> presences_;     // by ComponentPlan::presences
  std::vector<PresenceOnGrid> present_;  // of the step being run
};

}  // namespace kpr
