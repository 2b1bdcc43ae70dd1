// kpr extract link: pseudonyms of an extract for the linker that its request names.
#pragma once

#include <atomic>
#include <string>

#include "app/commands/command_line.h"

namespace kpr {

struct LinkOptions {
  std::string id, persons, out, actor;
};

// Reads identity numbers from a CSV file and writes, for those who are in the extract, number and pseudonym.
// Asks for a thousand at a time; what could not be written whole is not written.
Status Link(const ClientOptions& client, const LinkOptions& options, const std::atomic<bool>& stop);

}  // namespace kpr
