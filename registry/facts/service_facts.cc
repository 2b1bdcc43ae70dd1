#include "registry/facts/service_facts.h"

#include "registry/codelists/codelists.h"
#include "registry/facts/field_check.h"

namespace kpr {
namespace {

constexpr double kHoursOfWeek = 168;

// A service begun under a code that is no longer used still pauses and ends under it.
template <typename Service>
MaybeViolation CheckService(const Service& service, const std::string& name, Date on, bool begins,
                            bool provider_required) {
  if (auto r = CheckText(service.service_id(), name + ".service_id")) return r;
  if (begins || ServiceType(service.service_type(), on) == CodeValidity::kUnknown) {
    if (auto r = CheckServiceType(service.service_type(), name + ".service_type", on)) return r;
  }
  return CheckProviderNumber(service.provider(), name + ".provider", provider_required);
}

template <typename Pause>
MaybeViolation CheckPause(const Pause& pause, const std::string& name, Date on) {
  if (auto r = CheckService(pause, name, on, false, false)) return r;
  return CheckText(pause.pause_id(), name + ".pause_id");
}

MaybeViolation CheckStarted(const v1::Event& e, const CheckContext& context) {
  const v1::ServiceStarted& s = e.service_started();
  if (auto r = CheckService(s, "service_started", context.on, true, ProviderRequired(s.service_type())))
    return r;
  return CheckAmount(s.hours_per_week(), "service_started.hours_per_week", kHoursOfWeek);
}

MaybeViolation CheckEnded(const v1::Event& e, const CheckContext& context) {
  return CheckService(e.service_ended(), "service_ended", context.on, false, false);
}

MaybeViolation CheckProviderChanged(const v1::Event& e, const CheckContext& context) {
  return CheckService(e.provider_changed(), "provider_changed", context.on, false, true);
}

MaybeViolation CheckPaused(const v1::Event& e, const CheckContext& context) {
  return CheckPause(e.service_paused(), "service_paused", context.on);
}

MaybeViolation CheckResumed(const v1::Event& e, const CheckContext& context) {
  return CheckPause(e.service_resumed(), "service_resumed", context.on);
}

template <typename Service>
void EncodeService(const Service& service, FactContent* content) {
  FactHeader& header = content->header;
  header.code = static_cast<uint16_t>(service.service_type());
  header.reference = LocalNumber(header.sender, service.service_id());
  header.provider = {ProviderNumber(service.provider())};
}

template <typename Pause>
void EncodePause(const Pause& pause, FactContent* content) {
  EncodeService(pause, content);
  content->header.second_reference = LocalNumber(content->header.sender, pause.pause_id());
}

FieldDescriptor ServiceField() {
  return {.name = "service",
          .nb = "Hvilken tjeneste det gjelder",
          .en = "Which service it is about",
          .type = FieldType::kReference,
          .number = [](const Fact& fact) -> std::optional<int64_t> {
            return static_cast<int64_t>(ServiceFact{fact}.service());
          }};
}

FieldDescriptor TypeField() {
  return {
      .name = "service_type",
      .nb = "Type tjeneste",
      .en = "Type of service",
      .type = FieldType::kCode,
      .sensitive = true,
      .codes = ServiceTypeTexts,
      .code_list = "kodeverk 9151",
      .number = [](const Fact& fact) -> std::optional<int64_t> { return ServiceFact{fact}.service_type(); }};
}

FieldDescriptor PauseField() {
  return {.name = "pause",
          .nb = "Hvilket opphold i tjenesten det gjelder",
          .en = "Which pause it is about",
          .type = FieldType::kReference,
          .number = [](const Fact& fact) -> std::optional<int64_t> {
            return static_cast<int64_t>(ServiceFact{fact}.pause());
          }};
}

FieldDescriptor HoursField() {
  return {.name = "hours_per_week",
          .nb = "Vedtatte timer per uke",
          .en = "Hours granted per week",
          .type = FieldType::kAmount,
          .sensitive = true,
          .number = [](const Fact& fact) -> std::optional<int64_t> {
            const int32_t hours = ServiceFact{fact}.hours_per_week();
            return hours == 0 ? std::nullopt : std::optional<int64_t>(hours);
          }};
}

}  // namespace

std::vector<FactDescriptor> ServiceFacts() {
  constexpr auto kPerson = v1::Subject::kPerson;
  return {
      {.kind = FactKind::kServiceStarted,
       .subjects = {kPerson},
       .what = "A service begins",
       .check = CheckStarted,
       .encode =
           [](const v1::Event& e, FactContent* content) {
             EncodeService(e.service_started(), content);
             content->values = {Hundredths(e.service_started().hours_per_week())};
           },
       .service_type = [](const v1::Event& e) { return e.service_started().service_type(); },
       .title_nb = "Tjeneste starter",
       .fields = {ServiceField(), TypeField(), HoursField()},
       .has_provider = true},
      {.kind = FactKind::kServiceEnded,
       .subjects = {kPerson},
       .what = "A service ends",
       .check = CheckEnded,
       .encode = [](const v1::Event& e, FactContent* content) { EncodeService(e.service_ended(), content); },
       .service_type = [](const v1::Event& e) { return e.service_ended().service_type(); },
       .title_nb = "Tjeneste avsluttes",
       .fields = {ServiceField(), TypeField()},
       .has_provider = true},
      {.kind = FactKind::kProviderChanged,
       .subjects = {kPerson},
       .what = "Another provider gives the service",
       .check = CheckProviderChanged,
       .encode = [](const v1::Event& e,
                    FactContent* content) { EncodeService(e.provider_changed(), content); },
       .service_type = [](const v1::Event& e) { return e.provider_changed().service_type(); },
       .title_nb = "Tjenesten får ny utfører",
       .fields = {ServiceField(), TypeField()},
       .has_provider = true},
      {.kind = FactKind::kServicePaused,
       .subjects = {kPerson},
       .what = "A service is paused",
       .check = CheckPaused,
       .encode = [](const v1::Event& e, FactContent* content) { EncodePause(e.service_paused(), content); },
       .service_type = [](const v1::Event& e) { return e.service_paused().service_type(); },
       .title_nb = "Tjeneste settes på pause",
       .fields = {ServiceField(), TypeField(), PauseField()},
       .has_provider = true},
      {.kind = FactKind::kServiceResumed,
       .subjects = {kPerson},
       .what = "A paused service resumes",
       .check = CheckResumed,
       .encode = [](const v1::Event& e, FactContent* content) { EncodePause(e.service_resumed(), content); },
       .service_type = [](const v1::Event& e) { return e.service_resumed().service_type(); },
       .title_nb = "Tjeneste gjenopptas",
       .fields = {ServiceField(), TypeField(), PauseField()},
       .has_provider = true},
  };
}

}  // namespace kpr
