// What a component of a definition adds up. One file a measure says how its words are checked, made ready to
// run, evaluated for a subject and described; MeasureOf finds it by its field in the proto. Pure.
#pragma once

#include <array>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "indicators/evaluation/evaluation.h"
#include "indicators/evaluation/presence.h"
#include "kpr/v1/definition.pb.h"

namespace kpr {

using Instruments = std::span<const v1::Instrument>;
const v1::Instrument* FindInstrument(Instruments instruments, const std::string& id);  // null: none

struct Measure {
  v1::Component::MeasureCase field = v1::Component::MEASURE_NOT_SET;
  std::array<v1::SubjectType, 2> subjects{};  // whose components may have it
  MeasuringType (*sort)(const v1::Component&) = nullptr;

  // What else a component may say.
  bool where = true;
  bool classes = false;
  bool repeats = false;  // a subject can be in it several times: who is behind it is kept beside it
  bool mean = false;     // keeps sum and squares, for a MEAN
  bool days = false;     // keeps a histogram of days, for MEDIAN_DAYS
  int64_t unit = 1;      // amounts per one
  // Whether `where` must place the person, as nothing else does; null: no.
  bool (*placed_by_where)(const v1::Component&) = nullptr;

  // What was expected instead; empty: nothing is wrong.
  std::string (*check)(const v1::Component&) = nullptr;
  // The same about the instrument that the component names; null: it names none.
  std::string (*check_instrument)(const v1::Component&, Instruments) = nullptr;
  // Fills in what the measure itself needs; instruments have been checked.
  void (*compile)(const v1::Component&, Instruments, ComponentPlan*) = nullptr;
  // Emits what the subject contributes; a stock finds the grid of its period laid out.
  void (*evaluate)(const PlanStep&, Evaluation*) = nullptr;
  // Of measures that repeat, where the subject is behind it: over months, or on the grid of the step's
  // period. Both null: in the months and places where `evaluate` emits.
  void (*presences)(const PlanStep&, const Evaluation&, std::vector<Presence>*) = nullptr;
  void (*presences_on_grid)(const PlanStep&, Evaluation*, std::vector<PresenceOnGrid>*) = nullptr;
  // In English, for docs/indicators.md.
  std::string (*describe)(const v1::Component&) = nullptr;
  // The facts that it reads, beside those of `where` and of classes.
  std::set<FactKind> (*facts)(const v1::Component&) = nullptr;
};

// Null for a field that has no measure in this version.
const Measure* MeasureOf(v1::Component::MeasureCase field);

inline std::set<FactKind> ServiceFactKinds() {
  return {FactKind::kServiceStarted, FactKind::kServiceEnded, FactKind::kProviderChanged,
          FactKind::kServicePaused, FactKind::kServiceResumed};
}

template <MeasuringType kSort>
MeasuringType Always(const v1::Component&) {
  return kSort;
}

}  // namespace kpr
