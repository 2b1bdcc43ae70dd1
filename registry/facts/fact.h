// A fact version as the registry stores it: fixed-width header, then small integers. No text, no identity
// number. Byte layout in docs/formats.md; what the fields mean for a kind is named by its view
// (<family>_facts.h).
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/ids.h"

namespace kpr {

// Numbers are the field numbers of the fact in kpr.v1.Event; stored, so never reused.
enum class FactKind : uint8_t {
  kServiceStarted = 20,
  kServiceEnded = 21,
  kProviderChanged = 22,
  kServicePaused = 23,
  kServiceResumed = 24,
  kPersonDetails = 25,
  kIdentityChanged = 26,
  kReservation = 27,
  kMedicationReview = 28,
  kDoctorAssessment = 29,
  kDentalAssessment = 30,
  kNutritionAssessment = 31,
  kFunctionAssessment = 32,
  kDiagnosis = 33,
  kIndividualPlan = 34,
  kCoordinator = 35,
  kRoomTaken = 36,
  kPlaceApplied = 37,
  kPlaceGranted = 38,
  kPlaceDeclined = 39,
  kCapacity = 40,
  kSurveyInvitation = 41,
  kSurveyResponse = 42,
  kWorkforce = 43,
  kPeriodComplete = 44,
  kPreventiveHomeVisit = 45,
  kEverydayRehabilitation = 46,
  kInhabitants = 47,
  kContact = 48,
  kHospitalDischarge = 49,
  kMedicinesInUse = 50,
  kPalliativePlan = 51,
  kFollowUpTeam = 52,
  kDigitalHomeMonitoring = 53,
  kInformalCare = 54,
};

enum class VersionStatus : uint8_t { kOriginal = 1, kReplace = 2, kAnnul = 3 };

// The stored header, copied as bytes (little-endian machines only).
struct FactHeader {
  FactKind kind{};
  VersionStatus status{};
  uint8_t value_count = 0;
  uint8_t forward_count = 0;
  uint16_t code = 0;  // what it is depends on the kind; the views beside the descriptors name it
  Municipality municipality;
  uint64_t sender = 0;  // whose it is: SenderNumber of OwnerOf the record
  Provider provider;
  Date occurred_on;
  Uuid event_id;
  Uuid original;                  // the ORIGINAL this is a version of; its own id for an ORIGINAL
  uint64_t sequence = 0;          // the sender's
  uint64_t offset = 0;            // in the partition's log
  uint64_t reference = 0;         // to what the fact belongs, by kind
  uint64_t second_reference = 0;  // a pause of it
};
static_assert(sizeof(FactHeader) == 88 && std::endian::native == std::endian::little);

inline constexpr int32_t kUnknownDay = INT32_MIN;

// A view of one stored version. Valid while the bytes it was decoded from live.
struct Fact : FactHeader {
  std::string_view tail;

  int32_t value(int i) const {  // 0 where the sender gave fewer
    if (i >= value_count) return 0;
    int32_t v;
    std::memcpy(&v, tail.data() + 4 * static_cast<size_t>(i), 4);
    return v;
  }
  // The identity changes through which a former identity handed this fact on, first to last.
  Uuid forwarded_by(int i) const;
  // kIdentityChanged only.
  SubjectId from_subject() const;
  SubjectId to_subject() const;
  // Ids are a sender's own: another's event under the same id is another event.
  bool SameEvent(const Fact& other) const { return sender == other.sender && event_id == other.event_id; }
  bool SameOriginal(const Fact& other) const { return sender == other.sender && original == other.original; }
  // What a path names an identity change by: its original, with the sender mixed in.
  Uuid path_entry() const;
  // The same content, wherever and how often it is in the log.
  bool SameContent(const Fact& other) const;

 private:
  size_t after_values() const { return 4u * value_count; }
};

// Appends one version. `identity` holds from and to for kIdentityChanged, else it is empty.
void EncodeFact(const FactHeader& header, std::span<const int32_t> values, std::span<const Uuid> forwarded_by,
                std::span<const SubjectId> identity, std::string* out);

// The versions in `bytes`, in stored order. False where the bytes are not whole facts of
// known kinds.
bool DecodeFacts(std::string_view bytes, std::vector<Fact>* facts);

// Writes where in its partition's log one encoded fact is.
void SetOffset(uint64_t offset, std::string* encoded);

// The encoded bytes of one fact, without its offset, with `forwarded_by` added at the end of its path.
std::string Forward(const Fact& fact, std::span<const Uuid> added_forwards);

}  // namespace kpr
