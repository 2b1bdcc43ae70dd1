#include "ingest/feedback/sender_document.h"

#include <fmt/format.h>

#include <ostream>

#include "base/limits.h"
#include "ingest/feedback/finding_text.h"
#include "registry/facts/descriptor.h"
#include "registry/facts/violation.h"

namespace kpr {
namespace {

constexpr char kIntroduction[] = R"(# For senders

Made by `kpr codes` from the tables in the code; a test keeps it up to date. The messages are in `proto/kpr/v1/event.proto` and
`ingest.proto`; the comments there are the reference.

- Give each event an `event_id` before the first attempt to send it, and keep it. Sending an event again is harmless.
- `sequence` rises with every event of a sender, and `previous_event_id` names the event before it; the register finds gaps.
- An event is durable when its receipt says so. Send everything else again.
- Correct a fact with REPLACE, withdraw it with ANNUL; both name the ORIGINAL in `refers_to`.
- What one event shows to be wrong is refused at once. What other events show is accepted and comes back as a finding
  (`kpr feedback`, `kpr quality`), which disappears when its cause does.
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
