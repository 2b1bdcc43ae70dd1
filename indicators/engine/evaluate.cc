#include "indicators/engine/evaluate.h"

#include "indicators/engine/change_points.h"
#include "indicators/engine/register_counts.h"
#include "indicators/measures/measure.h"

namespace kpr {

void Evaluator::RunStep(const PlanStep& step) {
  if (step.subjects) return CountSubjects(step);
  if (step.OnGrid()) evaluation_.UseGrid(step.period);
  step.component->measure->evaluate(step, &evaluation_);
}

void Evaluator::Run(const SubjectState& state, const EvaluationRange& range, std::vector<Contribution>* out) {
  if (state.merged || state.effective.empty() || range.until < range.from) return;
  for (Presences& presences : presences_) presences.computed = false;
  evaluation_.Begin(state, range, out);
  evaluation_.set_change_points(ChangePointsOf(*plan_, evaluation_));
  EvaluateRegisterCounts(&evaluation_);
  uint32_t number = 0;
  for (const PlanStep& step : plan_->StepsOf(state.subject.kind())) {
    evaluation_.set_step(++number);
    RunStep(step);
  }
}

}  // namespace kpr
