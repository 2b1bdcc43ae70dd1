#pragma once

#include <string>

#include "base/status.h"

namespace kpr {

// The whole file. kNotFound: there is none. kUnavailable: it is there, or may be, and cannot be read.
Result<std::string> ReadFile(const std::string& path);

// Writes the file whole or not at all, also over a crash: beside it first, synced, then renamed. Folders
// above it are created. `mode` as chmod takes it.
Status WriteFileDurably(const std::string& path, const std::string& content, unsigned mode = 0644);

// After it, names that were given in the folder survive a loss of power.
Status SyncFolder(const std::string& path);

}  // namespace kpr
