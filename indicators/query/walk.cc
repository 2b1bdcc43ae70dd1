// Answers that need the timelines behind a figure: who and what makes it up, and how it came to change.
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/limits.h"
#include "indicators/engine/evaluate.h"
#include "indicators/query/query.h"
#include "indicators/query/selection.h"
#include "indicators/query/value.h"

namespace kpr {
namespace {

constexpr uint32_t kDefaultSubjects = 20;
constexpr int kShownEvents = 100;

// One figure: an indicator in a period and area.
struct Figured {
  const v1::Definition* definition = nullptr;
  Selection selection;
  uint32_t area = 0;
  const Background* background = nullptr;
};

// What one subject has in the figure.
class SubjectPart {
 public:
  SubjectPart(const Plan* plan, const Figured* figure)
      : evaluator_(plan), figure_(figure), sums_(figure->selection.indicator, figure->selection.range) {}

  Slots Of(const SubjectId& subject, const std::vector<Fact>& facts) {
    contributions_.clear();
    history_ = Fold(subject, facts);
    evaluator_.Evaluate(history_, kFirstDate, MonthEnd(figure_->selection.range.last_month), &contributions_);
    std::map<std::pair<CellPlace, int>, Slots> cells;
    const auto spans = SpansOf(*figure_->selection.indicator, figure_->selection.range.kind);
    for (const Contribution& c : contributions_) {
      if (c.key.indicator != figure_->selection.indicator->number) continue;
      if (std::find(spans.begin(), spans.end(), c.key.span) == spans.end()) continue;
      cells[{c.key.place, c.key.year}][c.slot] += c.amount;
    }
    Slots total;
    for (auto it = cells.begin(); it != cells.end();) {
      sums_.Clear();
      const CellPlace place = it->first.first;
      for (; it != cells.end() && it->first.first == place; ++it) AddCell(it->first.second, it->second);
      sums_.ForEach([&](int ordinal, const Slots& slots) {
        if (!Inside(place, ordinal)) return;
        const int32_t industry = figure_->background->IndustryOf(place.provider, LastMonth(ordinal));
        for (const auto& [slot, amount] : AtIndustry(*figure_->selection.indicator, slots, industry))
          total[slot] += amount;
      });
    }
    std::erase_if(total, [](const auto& s) { return s.second == 0; });
    return total;
  }
  const History& history() const { return history_; }

 private:
  void AddCell(int year, const Slots& cell) {
    std::vector<SlotAmount> slots;
    for (const auto& [slot, amount] : cell) slots.push_back({slot, amount});
    sums_.Add(year, EncodeSlots(slots));
  }

  int LastMonth(int ordinal) const {
    const PeriodRange& range = figure_->selection.range;
    return std::min(MonthOf(Period{range.kind, ordinal}.last()), range.last_month);
  }

  bool Inside(const CellPlace& place, int ordinal) const {
    const Selection& s = figure_->selection;
    const auto areas =
        AreasOf(place, s.level, StructureOf(s, ordinal), *figure_->background, LastMonth(ordinal));
    return std::find(areas.begin(), areas.end(), figure_->area) != areas.end();
  }

  Evaluator evaluator_;
  const Figured* figure_;
  PeriodSums sums_;
  std::vector<Contribution> contributions_;
  History history_;
};

// Whether a fact can have a part in the indicator's figures: one of its services, or a kind it asks for.
bool Concerns(const Plan& plan, const IndicatorPlan& indicator, const Fact& fact) {
  const bool of_service = fact.kind <= FactKind::kServiceResumed ||
                          (fact.kind >= FactKind::kPlaceApplied && fact.kind <= FactKind::kPlaceDeclined);
  if (of_service) {
    uint32_t types = 0;
    for (const PredicatePlan& p : plan.predicates) {
      if (p.test != PredicatePlan::Test::kDeathAt) types |= p.types;
    }
    for (const ComponentPlan& c : indicator.components) types |= c.types;
    return (types >> fact.type & 1) != 0;
  }
  if (fact.kind == FactKind::kPersonDetails) return true;
  if (fact.kind == FactKind::kSurveyInvitation || fact.kind == FactKind::kSurveyResponse) {
    return std::any_of(indicator.components.begin(), indicator.components.end(), [&](const auto& c) {
      return c.survey.instrument == fact.service && c.survey.respondent == fact.type;
    });
  }
  if (fact.kind == FactKind::kInhabitants) return true;
  if (fact.kind == FactKind::kFunctionAssessment) {
    const bool changes =
        std::any_of(indicator.components.begin(), indicator.components.end(),
                    [](const auto& c) { return c.measure == ComponentPlan::Measure::kScoreChange; });
    if (changes) return true;
  }
  const auto asks = [&](const FactFilter& filter) { return filter.IsOfKind(fact); };
  return std::any_of(plan.predicates.begin(), plan.predicates.end(),
                     [&](const auto& p) { return asks(p.fact); }) ||
         std::any_of(indicator.components.begin(), indicator.components.end(),
                     [&](const auto& c) { return asks(c.fact); });
}

Result<Selection> SelectFigure(const std::string& period, const std::string& area,
                               const v1::Definition& definition, const IndicatorPlan& indicator,
                               Date horizon) {
  if (LevelOfArea(area) == v1::COUNTRY && !area.empty() && area != "0") {
    return Invalid(
        fmt::format("area '{}': expected a county (2 digits), municipality (4), provider (9) or 0", area));
  }
  v1::GetRequest get;
  get.set_from_period(period);
  get.set_level(LevelOfArea(area));
  if (period.empty()) return Invalid("period: expected 2024, 2024-T1 or 2024-02");
  if (get.level() != v1::COUNTRY) get.add_areas(area);
  return SelectionOf(get, definition, indicator, horizon);
}

v1::Value ValueOf(const Figured& figure, const Slots& slots) {
  Row row;
  row.slots = slots;
  return MakeValue({figure.definition, figure.selection.indicator->unit, &row, {1, 1, 0}});
}

void Show(const Figured& figure, const Plan& plan, const Slots& slots, const SubjectId& subject,
          const History& history, v1::Contribution* shown) {
  shown->set_subject(subject.ToHex());
  const v1::Value value = ValueOf(figure, slots);
  shown->set_numerator(value.numerator());
  shown->set_denominator(value.denominator());
  for (int k = 0; k < value.classes_size(); ++k) {
    if (value.classes(k) == 0) continue;
    shown->set_class_id(shown->class_id() + (shown->class_id().empty() ? "" : ",") +
                        figure.definition->components(0).classes(k).id());
  }
  const Selection& s = figure.selection;
  const Date day = std::min(Period{s.range.kind, s.range.to}.last(), MonthEnd(s.range.last_month));
  for (const Fact& fact : history.effective) {
    const bool answer_later = fact.kind == FactKind::kSurveyResponse;
    if ((fact.occurred_on <= day || answer_later) && Concerns(plan, *s.indicator, fact))
      shown->add_event_ids(fact.event_id.ToString());
  }
}

}  // namespace

Result<v1::ExplainResponse> Query::Explain(const v1::ExplainRequest& request) const {
  const std::unique_lock turn(walking_, std::try_to_lock);
  if (!turn.owns_lock()) return Exhausted("another explanation is being made; ask again");
  KPR_ASSIGN_OR_RETURN(const Chosen chosen, Choose(request.indicator(), request.version()));
  v1::GetRequest get;
  get.set_indicator(request.indicator());
  get.set_version(request.version());
  get.set_from_period(request.period());
  get.set_level(LevelOfArea(request.area()));
  if (get.level() != v1::COUNTRY) get.add_areas(request.area());
  get.set_as_of(request.as_of());
  *get.mutable_at_position() = request.at_position();
  KPR_ASSIGN_OR_RETURN(const auto source, SourceFor(chosen, get));
  KPR_RETURN_IF_ERROR(registry_->HasTimelines(source->positions()));
  v1::ExplainResponse response;
  if (source->horizon().days == 0) return response;  // no data at all yet
  KPR_ASSIGN_OR_RETURN(const Plan plan, PlanOf(chosen.definition(), chosen.plan->catalogue));
  KPR_ASSIGN_OR_RETURN(const Background background, Background::Read(*source, true));
  Figured figure{&plan.catalogue.definitions[0], {}, 0, &background};
  KPR_ASSIGN_OR_RETURN(figure.selection, SelectFigure(request.period(), request.area(), *figure.definition,
                                                      plan.indicators[0], source->horizon()));
  if (figure.selection.level != v1::COUNTRY) figure.area = *figure.selection.areas.begin();
  KPR_ASSIGN_OR_RETURN(const v1::GetResponse answer, Get(get));
  if (answer.values_size() == 1) *response.mutable_value() = answer.values(0);
  const uint32_t limit =
      request.limit() == 0 ? kDefaultSubjects : std::min(request.limit(), limits::kExplainedSubjects);
  SubjectPart part(&plan, &figure);
  std::vector<Fact> facts;
  Slots total;
  for (uint32_t i = 0; i < registry_->partitions(); ++i) {
    KPR_RETURN_IF_ERROR(
        registry_->store(i).Scan(Table::kTimelines, "", [&](std::string_view key, std::string_view bytes) {
          facts.clear();
          if (!DecodeFacts(bytes, &facts)) return true;
          const SubjectId subject = SubjectId::FromView(key);
          const std::vector<Fact> known = FactsBelow(facts, source->positions()[i]);
          const Slots slots = part.Of(subject, known);
          if (slots.empty()) return true;
          for (const auto& [slot, amount] : slots) total[slot] += amount;
          response.set_subjects(response.subjects() + 1);
          if (static_cast<uint32_t>(response.contributions_size()) < limit)
            Show(figure, plan, slots, subject, part.history(), response.add_contributions());
          return true;
        }));
  }
  const v1::Value sum = ValueOf(figure, total);
  response.set_numerator(sum.numerator());
  response.set_denominator(sum.denominator());
  *response.mutable_classes() = sum.classes();
  return response;
}

Result<v1::RevisionsResponse> Query::Revisions(const v1::RevisionsRequest& request) const {
  const std::unique_lock turn(walking_, std::try_to_lock);
  if (!turn.owns_lock()) return Exhausted("another explanation is being made; ask again");
  KPR_ASSIGN_OR_RETURN(const Chosen chosen, Choose(request.indicator(), request.version()));
  v1::RevisionsResponse response;
  response.set_indicator(chosen.definition().id());
  response.set_version(chosen.definition().version());
  KPR_ASSIGN_OR_RETURN(const auto source, LiveCells(*registry_));
  KPR_RETURN_IF_ERROR(registry_->HasTimelines(source->positions()));
  if (source->horizon().days == 0) return response;
  KPR_ASSIGN_OR_RETURN(const Plan plan, PlanOf(chosen.definition(), chosen.plan->catalogue));
  KPR_ASSIGN_OR_RETURN(const Background background, Background::Read(*source, true));
  Figured figure{&plan.catalogue.definitions[0], {}, 0, &background};
  KPR_ASSIGN_OR_RETURN(figure.selection, SelectFigure(request.period(), request.area(), *figure.definition,
                                                      plan.indicators[0], source->horizon()));
  if (figure.selection.level != v1::COUNTRY) figure.area = *figure.selection.areas.begin();

  struct Day {
    Slots change;
    std::vector<Uuid> events;
  };
  std::map<int32_t, Day> days;  // by the calendar day on which the events came
  SubjectPart part(&plan, &figure);
  std::vector<Fact> facts;
  for (uint32_t i = 0; i < registry_->partitions(); ++i) {
    const PartitionStore& store = registry_->store(i);
    std::vector<std::pair<uint64_t, int32_t>> begins;  // offset of a day's first record, day
    KPR_RETURN_IF_ERROR(store.Scan(Table::kCloses, "", [&](std::string_view day, std::string_view offset) {
      begins.emplace_back(ByteReader(offset).Varint(),
                          static_cast<int32_t>(ByteReader(day).BigEndian<uint32_t>()));
      return true;
    }));
    const auto day_of = [&](uint64_t offset) {
      int32_t day = begins.empty() ? 0 : begins.front().second;
      for (const auto& [begin, on] : begins) {
        if (begin > offset) break;
        day = on;
      }
      return day;
    };
    KPR_RETURN_IF_ERROR(store.Scan(Table::kTimelines, "", [&](std::string_view key, std::string_view bytes) {
      facts.clear();
      if (!DecodeFacts(bytes, &facts)) return true;
      const SubjectId subject = SubjectId::FromView(key);
      std::map<int32_t, std::vector<Fact>> came;
      for (const Fact& fact : facts) came[day_of(fact.offset)].push_back(fact);
      std::vector<Fact> known;
      Slots before;
      for (const auto& [day, fresh] : came) {
        const uint64_t until = std::max_element(fresh.begin(), fresh.end(), [](auto& a, auto& b) {
                                 return a.offset < b.offset;
                               })->offset;
        known = FactsBelow(facts, until + 1);
        Slots after = part.Of(subject, known);
        if (after == before) continue;
        Day& changed = days[day];
        for (const auto& [slot, amount] : after) changed.change[slot] += amount;
        for (const auto& [slot, amount] : before) changed.change[slot] -= amount;
        for (const Fact& fact : fresh) changed.events.push_back(fact.event_id);
        before = std::move(after);
      }
      return true;
    }));
  }
  Slots running;
  for (auto& [day, changed] : days) {
    std::erase_if(changed.change, [](const auto& s) { return s.second == 0; });
    if (changed.change.empty()) continue;
    v1::Revision* revision = response.add_revisions();
    revision->set_day(Date{day}.ToString());
    *revision->mutable_old() = ValueOf(figure, running);
    for (const auto& [slot, amount] : changed.change) running[slot] += amount;
    *revision->mutable_new_() = ValueOf(figure, running);
    std::sort(changed.events.begin(), changed.events.end());
    revision->set_events(changed.events.size());
    for (const Uuid& id : changed.events) {
      if (revision->event_ids_size() < kShownEvents) revision->add_event_ids(id.ToString());
    }
  }
  return response;
}

}  // namespace kpr
