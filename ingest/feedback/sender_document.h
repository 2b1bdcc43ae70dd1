// What senders must know of facts, refusals and findings, as Markdown: docs/codes.md.
#pragma once

#include <iosfwd>

namespace kpr {

void DocumentForSenders(std::ostream* out);

}  // namespace kpr
