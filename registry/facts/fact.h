// A fact version as the registry stores it: fixed-width header, then small integers. No text, no identity
// number. Byte layout in docs/formats.md.
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
};

enum class VersionStatus : uint8_t { kOriginal = 1, kReplace = 2, kAnnul = 3 };

// The stored header, copied as bytes (little-endian machines only).
struct FactHeader {
  FactKind kind{};
  VersionStatus status{};
  uint8_t value_count = 0;
  uint8_t forward_count = 0;
  uint16_t type = 0;  // service type, review kind, instrument's respondent, sex: by kind
  Municipality municipality;
  uint32_t sender = 0;  // hash of the sender's name
  Provider provider;
  Date occurred_on;
  uint32_t reserved = 0;
  Uuid event_id;
  Uuid original;          // the ORIGINAL this is a version of; its own id for an ORIGINAL
  uint64_t sequence = 0;  // the sender's
  uint64_t offset = 0;    // in the partition's log
  uint64_t service = 0;   // hash of sender and service or application id, or of the instrument
  uint64_t pause = 0;     // hash of sender and pause id
};
static_assert(sizeof(FactHeader) == 88 && std::endian::native == std::endian::little);

// Positions inside values(), by kind.
namespace value_at {
inline constexpr int kHours = 0;                               // hundredths, kServiceStarted
inline constexpr int kBirth = 0, kDeath = 1, kDeathPlace = 2;  // days; kUnknownDay where not known
inline constexpr int kPlaces = 0, kBought = 1, kSold = 2, kRooms = 3, kSingleBath = 4, kDoubleRooms = 5,
                     kIndustry = 6;                                   // hundredths, kCapacity
inline constexpr int kFullTime = 0, kEducated = 1, kDoctorHours = 2;  // hundredths, kWorkforce
inline constexpr int kAtRisk = 0, kHasPlan = 1;                       // kNutritionAssessment
inline constexpr int kEnded = 0;            // kIndividualPlan, kCoordinator, kEverydayRehabilitation
inline constexpr int kMen = 0, kWomen = 6;  // kInhabitants, six age bands each
inline constexpr int kFirstMonth = 0, kLastMonth = 1, kEvents = 2;  // kPeriodComplete
}  // namespace value_at
inline constexpr int32_t kUnknownDay = INT32_MIN;

// SN2007 "87.101" as 87101.
constexpr int32_t IndustryNumber(std::string_view code) {
  int32_t number = 0;
  for (char digit : code) {
    if (digit >= '0' && digit <= '9') number = number * 10 + (digit - '0');
  }
  return number;
}

// Instruments are the same for all senders.
constexpr uint64_t InstrumentNumber(std::string_view name) {
  return Fnv1a(name, Fnv1a("instrument"));
}

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
  // The same content, wherever and how often it stands in the log.
  bool SameContent(const Fact& other) const;

 private:
  size_t after_values() const { return 4u * value_count; }
};

// Appends one version. `identity` holds from and to for kIdentityChanged, else it is empty.
void EncodeFact(const FactHeader& header, std::span<const int32_t> values, std::span<const Uuid> forwarded_by,
                std::span<const SubjectId> identity, std::string* out);

// The versions in `bytes`, in stored order. Empty and false where the bytes are not whole facts.
bool DecodeFacts(std::string_view bytes, std::vector<Fact>* facts);

// Writes where in its partition's log one encoded fact stands.
void SetOffset(uint64_t offset, std::string* encoded);

// The encoded bytes of one fact, without its offset, with `forwarded_by` added at the end of its path.
std::string Forward(const Fact& fact, std::span<const Uuid> added_forwards);

}  // namespace kpr
