// The questionnaires that survey facts may name. The composition root fills it from the catalogue, so that a
// node that only takes events knows them too. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "kpr/v1/event.pb.h"
#include "registry/facts/violation.h"

namespace kpr {

struct InstrumentScale {
  int items = 0;
  uint32_t min = 0, max = 0;  // of an answer; 0 is none
};
using Instruments = std::map<std::string, InstrumentScale>;  // by Instrument.id

// Whether a survey fact names one of them, and its answers are on the scale: one for each item, 0 for none.
// Other facts pass.
std::optional<Violation> CheckInstrument(const v1::Event& event, const Instruments& instruments);

}  // namespace kpr
