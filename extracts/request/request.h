// A request for an extract: read, and judged before anybody has to. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "kpr/v1/extract.pb.h"

namespace kpr::extract {

// textproto, or JSON where it begins with "{". kInvalid names file, line and column.
Result<v1::ExtractRequest> ParseRequest(std::string_view text, const std::string& file);

// What keeps the request from being proposed: what is missing or unknown, and what is more than its aims
// need. Each names the field and the fix. Empty: nothing. `formats` are those that can be written.
std::vector<std::string> Findings(const v1::ExtractRequest& request, std::span<const v1::FileFormat> formats);

// The same of what only real files need: to whom they are encrypted, and until when.
std::vector<std::string> DeliveryFindings(const v1::ExtractRequest& request, Date today);

// SHA-256 of the request's content, in hexadecimal digits: what is approved.
std::string HashOf(const v1::ExtractRequest& request);

}  // namespace kpr::extract
