// Authenticated encryption: AES-256-GCM with a random nonce in front and the tag behind.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace kpr::crypto {

inline constexpr size_t kSealKeyBytes = 32;
inline constexpr size_t kSealOverhead = 12 + 16;  // bytes that sealing adds

// `context` is not in the result: what is sealed opens only with the same.
Result<std::string> Seal(std::string_view key, std::string_view plain, std::string_view context);
// kDataLoss: changed, of another key or of another context.
Result<std::string> Open(std::string_view key, std::string_view sealed, std::string_view context);

}  // namespace kpr::crypto
