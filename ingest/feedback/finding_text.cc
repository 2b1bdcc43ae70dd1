#include "ingest/feedback/finding_text.h"

namespace kpr {
namespace {

constexpr FindingDescriptor kFindings[] = {
    {FindingCode::kUnknownOriginal, "UNKNOWN_ORIGINAL", "Rettelsen venter: originalen er ikke mottatt",
     "The correction waits: its original has not been received",
     "Send the original. If it never existed, send the fact as a new ORIGINAL and ANNUL the correction."},
    {FindingCode::kConflictingContent, "CONFLICTING_CONTENT",
     "Samme id er sendt med ulikt innhold; det første innholdet gjelder",
     "The same id was sent with different content; the first content counts",
     "Give every event an id of its own; send a change as REPLACE with a new id."},
    {FindingCode::kEndWithoutStart, "END_WITHOUT_START", "Slutt på en tjeneste som ikke pågår",
     "End of a service that is not running", "Send the missing start, or ANNUL the end."},
    {FindingCode::kStartWhileRunning, "START_WHILE_RUNNING", "Start på en tjeneste som allerede pågår",
     "Start of a service that is already running",
     "End the running service first, or ANNUL one of the starts."},
    {FindingCode::kPauseWithoutService, "PAUSE_WITHOUT_SERVICE", "Pause i en tjeneste som ikke pågår",
     "Pause of a service that is not running", "Send the missing start, or ANNUL the pause."},
    {FindingCode::kPauseWithoutEnd, "PAUSE_WITHOUT_END",
     "Tjenesten ble avsluttet mens en pause fortsatt var åpen",
     "The service ended while a pause was still open", "Send the resumption, dated on or before the end."},
    {FindingCode::kResumeWithoutPause, "RESUME_WITHOUT_PAUSE", "Gjenopptakelse uten en åpen pause",
     "Resumption without an open pause",
     "Send the missing pause with the same pause_id, or ANNUL the resumption."},
    {FindingCode::kOverlap, "OVERLAP", "To tjenester av samme type overlapper hverandre",
     "Two services of one type overlap", "Correct the dates of one of them, or ANNUL one registered twice."},
    {FindingCode::kTooManyHours, "TOO_MANY_HOURS", "Vedtakene gir til sammen mer enn 168 timer i uken",
     "The decisions grant more than 168 hours a week in all",
     "Correct hours_per_week; monthly hours are divided by 4."},
    {FindingCode::kAfterDeath, "AFTER_DEATH", "Hendelsen er datert etter dødsdatoen",
     "The fact is dated after death", "Correct the date, or ANNUL the fact."},
    {FindingCode::kBeforeBirth, "BEFORE_BIRTH", "Hendelsen er datert før fødselsdatoen",
     "The fact is dated before birth", "Correct the date, or the subject."},
    {FindingCode::kManyMunicipalities, "MANY_MUNICIPALITIES",
     "Fem eller flere kommuner har rapportert personen i året; personen regnes som testperson",
     "Five or more municipalities have reported the person in the year; the person is treated as a test "
     "person",
     "Check the identity number; do not send test persons."},
    {FindingCode::kIdentityCycle, "IDENTITY_CYCLE", "To identiteter viser til hverandre",
     "Two identities refer to each other", "ANNUL one of the two identity changes."},
    {FindingCode::kIdentityChainTooLong, "IDENTITY_CHAIN_TOO_LONG",
     "Identiteten er endret mer enn åtte ganger på rad; de eldste opplysningene regnes ikke med",
     "The identity has changed more than eight times in a row; the oldest facts do not count",
     "REPLACE the first identity change by one to the identity in use."},
    {FindingCode::kTooManyIdentityChanges, "TOO_MANY_IDENTITY_CHANGES",
     "Identiteten er endret til mer enn åtte andre; denne endringen regnes ikke med",
     "The identity has been changed to more than eight others; this change does not count",
     "REPLACE an earlier identity change instead of sending another."},
    {FindingCode::kResponseWithoutInvitation, "RESPONSE_WITHOUT_INVITATION", "Svar uten invitasjon",
     "Response without an invitation",
     "Send the invitation of the same respondent and instrument, dated on or before the response."},
    {FindingCode::kGrantWithoutApplication, "GRANT_WITHOUT_APPLICATION", "Vedtak om plass uten søknad",
     "A place granted without an application", "Send the application with the same application_id."},
    {FindingCode::kProviderChangeWithoutService, "PROVIDER_CHANGE_WITHOUT_SERVICE",
     "Ny tjenesteutfører for en tjeneste som ikke pågår", "New provider of a service that is not running",
     "Send the missing start, or ANNUL the change."},
    {FindingCode::kNotYourEvent, "NOT_YOUR_EVENT",
     "Rettelsen viser til en hendelse fra en annen avsender og har ingen virkning",
     "The correction refers to another sender's event and has no effect",
     "Leave it to the event's sender. If you have taken over its work, the policy can say so (`continues`)."},
    {FindingCode::kCorrectedByAnother, "CORRECTED_BY_ANOTHER",
     "En annen avsender har forsøkt å rette hendelsen; den gjelder slik du sendte den",
     "Another sender has tried to correct the event; it stands as you sent it",
     "Correct it if it is wrong; else there is nothing to do."},
    {FindingCode::kTooManyFacts, "TOO_MANY_FACTS",
     "Du har sendt 5000 hendelser om denne personen eller enheten; flere regnes ikke med",
     "You have sent 5,000 facts about this subject; further ones do not count",
     "Check the identity number: no person has so many. ANNUL those that are wrong: 5,000 corrections count "
     "as well."},
    {FindingCode::kCorrectionBeforeOriginal, "CORRECTION_BEFORE_ORIGINAL",
     "Rettelsen har et lavere løpenummer enn hendelsen den retter, og har ingen virkning",
     "The correction has a lower sequence than the event it corrects, and has no effect",
     "Send it again with a higher sequence. A successor begins above the last sequence of the sender it "
     "continues."},
    {FindingCode::kResponseAgain, "RESPONSE_AGAIN",
     "Nytt svar på en undersøkelse som allerede er besvart; det første svaret gjelder",
     "Another response to a survey that is answered already; the first one counts",
     "To change an answer, REPLACE the response; else ANNUL the further one."},
};

const FindingDescriptor* Find(FindingCode code) {
  for (const FindingDescriptor& descriptor : kFindings) {
    if (descriptor.code == code) return &descriptor;
  }
  return nullptr;
}

}  // namespace

std::span<const FindingDescriptor> FindingDescriptors() {
  return kFindings;
}

std::string FindingName(FindingCode code) {
  const FindingDescriptor* descriptor = Find(code);
  return descriptor == nullptr ? "UNKNOWN" : descriptor->name;
}

v1::FindingCount ToProto(FindingCode code, uint64_t count) {
  v1::FindingCount proto;
  proto.set_code(FindingName(code));
  proto.set_count(count);
  if (const FindingDescriptor* descriptor = Find(code)) {
    proto.set_message_nb(descriptor->nb);
    proto.set_message_en(descriptor->en);
  }
  return proto;
}

v1::Finding ToProto(const TimelineFinding& finding) {
  v1::Finding proto;
  proto.set_event_id(finding.event_id.ToString());
  proto.set_municipality(finding.municipality.ToString());
  if (!finding.related.is_zero()) proto.set_related_event_id(finding.related.ToString());
  proto.set_code(FindingName(finding.code));
  if (const FindingDescriptor* descriptor = Find(finding.code)) {
    proto.set_message_nb(descriptor->nb);
    proto.set_message_en(descriptor->en);
  }
  return proto;
}

}  // namespace kpr
