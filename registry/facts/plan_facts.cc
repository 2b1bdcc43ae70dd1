#include "registry/facts/plan_facts.h"

namespace kpr {
namespace {

template <auto kPart>
void EncodeEndable(const v1::Event& e, FactContent* content) {
  content->values = {(e.*kPart)().ended()};
}

// A person has it from the day of the fact until one that is ended.
FactDescriptor Endable(FactKind kind, const char* what, const char* title_nb,
                       void (*encode)(const v1::Event&, FactContent*)) {
  return {.kind = kind,
          .subjects = {v1::Subject::kPerson},
          .what = what,
          .encode = encode,
          .title_nb = title_nb,
          .fields = {{.name = "ended",
                      .nb = "Avsluttet",
                      .en = "Ended",
                      .type = FieldType::kFlag,
                      .sensitive = true,
                      .codes = NoAndYes,
                      .number = [](const Fact& fact) -> std::optional<int64_t> {
                        return EndableFact{fact}.ended();
                      }}}};
}

FactDescriptor PreventiveHomeVisit() {
  return {.kind = FactKind::kPreventiveHomeVisit,
          .subjects = {v1::Subject::kPerson},
          .what = "A preventive home visit, or that one was declined",
          .encode =
              [](const v1::Event& e, FactContent* content) {
                content->header.code = static_cast<uint16_t>(
                    e.preventive_home_visit().declined() ? HomeVisit::kDeclined : HomeVisit::kMade);
              },
          .title_nb = "Forebyggende hjemmebesøk",
          .fields = {{.name = "declined",
                      .nb = "Takket nei",
                      .en = "Declined",
                      .type = FieldType::kFlag,
                      .sensitive = true,
                      .codes = NoAndYes,
                      .number = [](const Fact& fact) -> std::optional<int64_t> { return fact.code; }}}};
}

}  // namespace

std::vector<FactDescriptor> PlanFacts() {
  using v1::Event;
  return {
      Endable(FactKind::kIndividualPlan, "An individual plan is made, or ended", "Individuell plan",
              EncodeEndable<&Event::individual_plan>),
      Endable(FactKind::kCoordinator, "A coordinator is appointed, or steps down", "Koordinator",
              EncodeEndable<&Event::coordinator>),
      PreventiveHomeVisit(),
      Endable(FactKind::kEverydayRehabilitation, "Everyday rehabilitation begins, or ends",
              "Hverdagsrehabilitering", EncodeEndable<&Event::everyday_rehabilitation>),
      Endable(FactKind::kPalliativePlan, "A plan for the last part of life is made, or ended",
              "Palliativ plan", EncodeEndable<&Event::palliative_plan>),
      Endable(FactKind::kFollowUpTeam,
              "A team of several professions begins to follow the person, or ends it", "Oppfølgingsteam",
              EncodeEndable<&Event::follow_up_team>),
      Endable(FactKind::kDigitalHomeMonitoring, "Digital monitoring at home begins, or ends",
              "Digital hjemmeoppfølging", EncodeEndable<&Event::digital_home_monitoring>),
  };
}

}  // namespace kpr
