// Texts of others' libraries, which quote what a sender sent, made fit for messages and log lines. Pure.
#pragma once

#include <string>

namespace kpr {

// Runs of six and more digits become "#": no identity number is left.
std::string WithoutLongNumbers(const std::string& text);

}  // namespace kpr
