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

}  // namespace

std::vector<FactDescriptor> ServiceFacts() {
  constexpr auto kPerson = v1::Subject::kPerson;
  return {
      {FactKind::kServiceStarted,
       {kPerson},
       "A service begins",
       CheckStarted,
       [](const v1::Event& e, FactContent* content) {
         EncodeService(e.service_started(), content);
         content->values = {Hundredths(e.service_started().hours_per_week())};
       },
       [](const v1::Event& e) { return e.service_started().service_type(); }},
      {FactKind::kServiceEnded,
       {kPerson},
       "A service ends",
       CheckEnded,
       [](const v1::Event& e, FactContent* content) { EncodeService(e.service_ended(), content); },
       [](const v1::Event& e) { return e.service_ended().service_type(); }},
      {FactKind::kProviderChanged,
       {kPerson},
       "Another provider gives the service",
       CheckProviderChanged,
       [](const v1::Event& e, FactContent* content) { EncodeService(e.provider_changed(), content); },
       [](const v1::Event& e) { return e.provider_changed().service_type(); }},
      {FactKind::kServicePaused,
       {kPerson},
       "A service is paused",
       CheckPaused,
       [](const v1::Event& e, FactContent* content) { EncodePause(e.service_paused(), content); },
       [](const v1::Event& e) { return e.service_paused().service_type(); }},
      {FactKind::kServiceResumed,
       {kPerson},
       "A paused service resumes",
       CheckResumed,
       [](const v1::Event& e, FactContent* content) { EncodePause(e.service_resumed(), content); },
       [](const v1::Event& e) { return e.service_resumed().service_type(); }},
  };
}

}  // namespace kpr
