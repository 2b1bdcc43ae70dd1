#include "ingest/rpc/finding_text.h"

namespace kpr {
namespace {

struct Words {
  FindingCode code;
  const char *name, *nb, *en;
};

constexpr Words kWords[] = {
    {FindingCode::kUnknownOriginal, "UNKNOWN_ORIGINAL", "Rettelsen venter: originalen er ikke kommet",
     "The correction waits: its original has not come"},
    {FindingCode::kConflictingContent, "CONFLICTING_CONTENT",
     "Samme id er sendt med annet innhold; den første gjelder",
     "The same id was sent with other content; the first stands"},
    {FindingCode::kEndWithoutStart, "END_WITHOUT_START", "Slutt på en tjeneste som ikke pågår",
     "End of a service that does not run"},
    {FindingCode::kStartWhileRunning, "START_WHILE_RUNNING", "Start på en tjeneste som alt pågår",
     "Start of a service that runs already"},
    {FindingCode::kPauseWithoutService, "PAUSE_WITHOUT_SERVICE", "Pause i en tjeneste som ikke pågår",
     "Pause of a service that does not run"},
    {FindingCode::kPauseWithoutEnd, "PAUSE_WITHOUT_END", "Tjenesten sluttet med en åpen pause",
     "The service ended with an open pause"},
    {FindingCode::kResumeWithoutPause, "RESUME_WITHOUT_PAUSE", "Gjenopptakelse uten pause",
     "Resumption without a pause"},
    {FindingCode::kOverlap, "OVERLAP", "To tjenester av samme type overlapper",
     "Two services of one type overlap"},
    {FindingCode::kTooManyHours, "TOO_MANY_HOURS", "Vedtakene gir mer enn 168 timer i uken",
     "The decisions grant more than 168 hours a week"},
    {FindingCode::kAfterDeath, "AFTER_DEATH", "Hendelsen er datert etter dødsdato",
     "The fact is dated after death"},
    {FindingCode::kBeforeBirth, "BEFORE_BIRTH", "Hendelsen er datert før fødselsdato",
     "The fact is dated before birth"},
    {FindingCode::kManyMunicipalities, "MANY_MUNICIPALITIES",
     "Samme person fra fem eller flere kommuner i året; regnes som testperson",
     "The same person from five or more municipalities in the year; counted as a test person"},
    {FindingCode::kIdentityCycle, "IDENTITY_CYCLE", "To identiteter viser til hverandre",
     "Two identities name each other"},
    {FindingCode::kResponseWithoutInvitation, "RESPONSE_WITHOUT_INVITATION", "Svar uten invitasjon",
     "Response without an invitation"},
    {FindingCode::kGrantWithoutApplication, "GRANT_WITHOUT_APPLICATION", "Vedtak om plass uten søknad",
     "A place granted without an application"},
    {FindingCode::kProviderChangeWithoutService, "PROVIDER_CHANGE_WITHOUT_SERVICE",
     "Ny tjenesteutfører for en tjeneste som ikke pågår", "New provider of a service that does not run"},
};

}  // namespace

v1::Finding ToProto(const TimelineFinding& finding) {
  v1::Finding proto;
  proto.set_event_id(finding.event_id.ToString());
  proto.set_municipality(finding.municipality.ToString());
  if (!finding.related.is_zero()) proto.set_related_event_id(finding.related.ToString());
  for (const Words& words : kWords) {
    if (words.code != finding.code) continue;
    proto.set_code(words.name);
    proto.set_message_nb(words.nb);
    proto.set_message_en(words.en);
  }
  return proto;
}

}  // namespace kpr
