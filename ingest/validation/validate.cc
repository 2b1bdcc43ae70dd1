#include "ingest/validation/validate.h"

#include <algorithm>

#include "base/ids.h"
#include "base/limits.h"
#include "registry/facts/descriptor.h"
#include "registry/facts/field_check.h"

namespace kpr {
namespace {

// The envelope's checks, and the fact's own. Each gives the first thing that is wrong.
class Checker {
 public:
  Checker(const v1::Event& event, int64_t received_at_ms, const Instruments& instruments)
      : e_(event),
        instruments_(instruments),
        received_on_(Date::FromUnixMillis(received_at_ms)),
        received_at_ms_(received_at_ms) {}

  std::vector<Violation> Check() {
    for (const auto check : {&Checker::CheckIds, &Checker::CheckStatus, &Checker::CheckTimes})
      Add((this->*check)());
    if (on_ == kFirstDate) return found_;
    for (const auto check : {&Checker::CheckMunicipality, &Checker::CheckSubject, &Checker::CheckFact})
      Add((this->*check)());
    return found_;
  }

 private:
  void Add(MaybeViolation violation) {
    if (violation) found_.push_back(std::move(*violation));
  }

  MaybeViolation CheckIds() {
    if (auto r = CheckUuid(e_.event_id(), "event_id", false)) return r;
    if (e_.sequence() == 0) return Missing("sequence");
    if (e_.sequence() > limits::kSequence) return OutOfRange("sequence", {"høyst 2^53-1", "at most 2^53-1"});
    return CheckUuid(e_.previous_event_id(), "previous_event_id", true);
  }

  MaybeViolation CheckStatus() {
    const v1::EventStatus status = e_.status();
    if (status == v1::EVENT_STATUS_ORIGINAL) {
      if (e_.refers_to().empty()) return std::nullopt;
      return Violation{ViolationCode::kReferenceNotAllowed, "refers_to",
                       "En original kan ikke vise til en annen hendelse",
                       "An ORIGINAL cannot refer to another event"};
    }
    if (status == v1::EVENT_STATUS_SUPPLEMENT) {
      return Violation{ViolationCode::kStatusNotInUse, "status",
                       "Kode T (supplement) skal ikke brukes; send M eller en ny N",
                       "Code T (supplement) is not in use; send REPLACE or a new ORIGINAL"};
    }
    if (status != v1::EVENT_STATUS_REPLACE && status != v1::EVENT_STATUS_ANNUL)
      return UnknownCode("status", "kodeverk 7316");
    if (auto r = CheckUuid(e_.refers_to(), "refers_to", false)) return r;
    if (e_.refers_to() != e_.event_id()) return std::nullopt;
    return Violation{ViolationCode::kReferenceNotAllowed, "refers_to",
                     "En rettelse kan ikke vise til seg selv", "A correction cannot refer to itself"};
  }

  MaybeViolation CheckTimes() {
    if (e_.occurred_on().empty()) return Missing("occurred_on");
    const auto on = Date::Parse(e_.occurred_on());
    if (!on)
      return Violation{ViolationCode::kNoSuchDate, "occurred_on", "occurred_on er ikke en dato ÅÅÅÅ-MM-DD",
                       "occurred_on is not a date YYYY-MM-DD"};
    if (*on < kEarliestFact || *on > received_on_ + 1)
      return OutOfRange("occurred_on", {"fra 1900-01-01 til dagen etter mottak",
                                        "from 1900-01-01 to the day after receipt"});
    on_ = *on;
    if (!e_.has_registered_at()) return Missing("registered_at");
    if (!e_.has_sent_at()) return Missing("sent_at");
    if (auto r = CheckMoment(e_.registered_at(), "registered_at")) return r;
    return CheckMoment(e_.sent_at(), "sent_at");
  }

  MaybeViolation CheckMoment(const google::protobuf::Timestamp& t, const char* field) const {
    constexpr int64_t kEarliestSeconds = -2'208'988'800;  // 1900
    const int64_t latest = (received_at_ms_ + limits::kClockSkewMillis) / 1000;
    if (t.seconds() < kEarliestSeconds || t.seconds() > latest || t.nanos() < 0 || t.nanos() > 999'999'999) {
      return OutOfRange(
          field, {"etter 1900 og høyst et døgn etter mottak", "after 1900 and at most a day after receipt"});
    }
    return std::nullopt;
  }

  MaybeViolation CheckMunicipality() { return CheckMunicipalityCode(e_.municipality(), "municipality", on_); }

  MaybeViolation CheckSubject() {
    const v1::Subject& s = e_.subject();
    switch (s.kind_case()) {
      case v1::Subject::kPerson:
        return CheckPerson(s.person(), "subject.person", e_.source().patient_number());
      case v1::Subject::kRespondent:
        if (s.respondent().size() > limits::kTextBytes)
          return OutOfRange("subject.respondent", {"på 1 til 100 tegn", "1 to 100 characters"});
        return s.respondent().empty() ? MaybeViolation(Missing("subject.respondent")) : std::nullopt;
      case v1::Subject::kProvider:
        return CheckProviderNumber(s.provider(), "subject.provider", true);
      case v1::Subject::kMunicipality:
        if (s.municipality() == e_.municipality()) return std::nullopt;
        return Violation{
            ViolationCode::kWrongSubject, "subject.municipality",
            "En kommune kan bare melde om seg selv, og melder her om en annen",
            "A municipality reports of itself only: municipality and subject.municipality must be equal"};
      case v1::Subject::kPseudonym:
        return Violation{ViolationCode::kPseudonymNotAllowed, "subject.pseudonym",
                         "Avsendere kan ikke sende pseudonymer", "Senders cannot send pseudonyms"};
      case v1::Subject::KIND_NOT_SET:
        break;
    }
    return Missing("subject");
  }

  MaybeViolation CheckFact() {
    const FactDescriptor* descriptor = DescriptorOf(e_);
    if (descriptor == nullptr) return Missing("fact");
    if (auto r = CheckSubjectOf(*descriptor)) return r;
    // The content of an annulment is not used.
    if (descriptor->check == nullptr || e_.status() == v1::EVENT_STATUS_ANNUL) return std::nullopt;
    if (auto r = descriptor->check(e_, {on_, received_on_})) return r;
    return CheckInstrument(e_, instruments_);
  }

  MaybeViolation CheckSubjectOf(const FactDescriptor& descriptor) const {
    const auto& subjects = descriptor.subjects;
    if (std::find(subjects.begin(), subjects.end(), e_.subject().kind_case()) != subjects.end())
      return std::nullopt;
    const Phrase name = subjects.front() == v1::Subject::kPerson       ? Phrase{"en person", "a person"}
                        : subjects.front() == v1::Subject::kRespondent ? Phrase{"en svarer", "a respondent"}
                        : subjects.front() == v1::Subject::kProvider   ? Phrase{"en virksomhet", "a provider"}
                                                                     : Phrase{"en kommune", "a municipality"};
    return Violation{ViolationCode::kWrongSubject, "subject", "Denne hendelsen må gjelde " + name.nb,
                     "This fact must be about " + name.en};
  }

  const v1::Event& e_;
  const Instruments& instruments_;
  Date received_on_;
  int64_t received_at_ms_;
  Date on_ = kFirstDate;
  std::vector<Violation> found_;
};

}  // namespace

std::vector<Violation> Validate(const v1::Event& event, int64_t received_at_ms,
                                const Instruments& instruments) {
  return Checker(event, received_at_ms, instruments).Check();
}

}  // namespace kpr
