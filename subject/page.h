// What is held on a person as one page in Norwegian that opens in a browser, needs nothing else and prints
// well. Pure.
#pragma once

#include <string>

#include "kpr/v1/subject.pb.h"

namespace kpr {

std::string SubjectPage(const v1::SubjectAccess& access);

}  // namespace kpr
