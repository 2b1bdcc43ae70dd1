// What one kind of fact is: whom it is about, what is checked at the door, what is stored. One descriptor for
// each kind; the kinds of a family and their typed views stand together in <family>_facts.{h,cc}.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/date.h"
#include "kpr/v1/event.pb.h"
#include "registry/facts/fact.h"
#include "registry/facts/field.h"
#include "registry/facts/violation.h"

namespace kpr {

// No fact is older.
inline const Date kEarliestFact = Date::FromYmd(1900, 1, 1);

// What a check may know beside the event.
struct CheckContext {
  Date on;  // of the fact
  Date received_on;
};

// What a kind stores: codes and references in the header, and small integers.
struct FactContent {
  FactHeader header;
  std::vector<int32_t> values;
};

struct FactDescriptor {
  FactKind kind;
  std::vector<v1::Subject::KindCase> subjects;  // one of them
  const char* what;                             // English, for docs/codes.md
  std::optional<Violation> (*check)(const v1::Event&,
                                    const CheckContext&) = nullptr;  // none: nothing to check
  void (*encode)(const v1::Event&, FactContent*) = nullptr;          // none: the header is all
  uint32_t (*service_type)(const v1::Event&) = nullptr;  // kodeverk 9151; none: it has no such type
  bool municipality_reports =
      true;                   // shows that the municipality sends facts of its users; coverage counts these
  const char* title_nb = "";  // of the kind; of persons alone, as the fields
  std::vector<FieldDescriptor> fields;  // what is stored of it, beside date, municipality and provider
  bool has_provider = false;
};

std::span<const FactDescriptor> FactDescriptors();
// Null where the number is no kind of fact.
const FactDescriptor* DescriptorOf(FactKind kind);
inline const FactDescriptor* DescriptorOf(const v1::Event& event) {
  return DescriptorOf(static_cast<FactKind>(event.fact_case()));
}

// Local ids are unique within a sender, whatever code its municipality has at the time.
uint64_t LocalNumber(uint64_t sender, const std::string& id);
uint32_t ProviderNumber(const std::string& organisation_number);  // 0 where it is none
int32_t Hundredths(double value);

}  // namespace kpr
