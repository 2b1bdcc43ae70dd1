// Text that came from outside, made fit for where it goes. Pure.
#pragma once

#include <string>
#include <string_view>

namespace kpr {

// At most so many bytes of UTF-8, without half a letter at the end.
std::string CutText(std::string_view text, size_t bytes);
// Whether it is UTF-8 as RFC 3629 has it: shortest forms, no surrogates.
bool IsUtf8(std::string_view text);
// For HTML and XML, in elements and attributes; without control characters, for which XML has no place.
std::string EscapeHtml(std::string_view text);

}  // namespace kpr
