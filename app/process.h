// What a server asks of the operating system before it opens anything.
#pragma once

#include <string>

#include "base/status.h"

namespace kpr {

// No memory of the process, which holds keys and identity numbers, gets into a core dump or to another
// process of the same user; files are for their owner alone; as many descriptors as the system gives.
Status SecureProcess();

// A socket is made for its owner alone; nginx is in the group. `option` names it in errors.
Status OpenToGroup(const std::string& option, const std::string& socket);

}  // namespace kpr
