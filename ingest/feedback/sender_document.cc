#include "ingest/feedback/sender_document.h"

#include <fmt/format.h>

#include <ostream>

#include "base/limits.h"
#include "ingest/feedback/finding_text.h"
#include "registry/facts/descriptor.h"
#include "registry/facts/violation.h"

namespace kpr {
namespace {

constexpr char kIntroduction[] = R"(# Facts, refusals and findings

Made by `kpr codes` from the tables in the code; a test keeps it up to date. How to send is in [senders.md](senders.md). What
one event shows to be wrong is refused at once. What other events show is accepted and comes back as a finding, which
disappears when its cause does.
)";

std::string SubjectText(const FactDescriptor& fact) {
  std::string text;
  for (const v1::Subject::KindCase kind : fact.subjects) {
    const auto* field = v1::Subject::descriptor()->FindFieldByNumber(kind);
    text += (text.empty() ? "" : " or ") + field->name();
  }
  return text;
}

}  // namespace

void DocumentForSenders(std::ostream* out) {
  *out << kIntroduction;
  *out << fmt::format("\nLimits: {} events in a batch, {} bytes in an event.\n", limits::kBatchEvents,
                      limits::kEventBytes);
  *out << "\n## Facts\n\n| field of the event | subject | what |\n|---|---|---|\n";
  for (const FactDescriptor& fact : FactDescriptors()) {
    const auto* field = v1::Event::descriptor()->FindFieldByNumber(static_cast<int>(fact.kind));
    *out << fmt::format("| `{}` | {} | {} |\n", field->name(), SubjectText(fact), fact.what);
  }
  *out << "\n## Refusals\n\n| code | cause | cure |\n|---|---|---|\n";
  for (const ViolationDescriptor& violation : ViolationDescriptors())
    *out << fmt::format("| `{}` | {} | {} |\n", violation.name, violation.cause, violation.cure);
  *out << "\n## Findings\n\n| code | cause | cure |\n|---|---|---|\n";
  for (const FindingDescriptor& finding : FindingDescriptors())
    *out << fmt::format("| `{}` | {}. | {} |\n", finding.name, finding.en, finding.cure);
}

}  // namespace kpr
