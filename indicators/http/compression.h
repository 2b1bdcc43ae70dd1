// Content codings of answers: brotli and gzip, by what the caller accepts. Thread-safe.
#pragma once

#include <string>

namespace kpr::http {

enum class Coding { kIdentity, kGzip, kBrotli };

// The best that an Accept-Encoding header allows; q=0 forbids.
Coding CodingFor(const std::string& accept_encoding);
const char* NameOf(Coding coding);
// Empty where the library fails; then the body goes as it is.
std::string Compress(const std::string& body, Coding coding);

}  // namespace kpr::http
