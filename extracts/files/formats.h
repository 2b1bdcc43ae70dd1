// The formats that tables of an extract are written in.
#pragma once

#include <span>

#include "kpr/v1/extract.pb.h"

namespace kpr::extract {

// Those that this build of kpr can write: Parquet needs a library that is optional.
std::span<const v1::FileFormat> WritableFormats();
// ".csv.gz"
const char* SuffixOf(v1::FileFormat format);

}  // namespace kpr::extract
