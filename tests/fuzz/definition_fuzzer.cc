// Definition files: parsed, checked and compiled. Nothing may crash; what passes must compile.
#include <google/protobuf/stubs/logging.h>

#include <cstdlib>

#include "indicators/engine/plan.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kpr;
  static const auto quiet = google::protobuf::SetLogHandler(nullptr);
  (void)quiet;
  auto catalogue = LoadCatalogue({{"fuzz.textproto", {reinterpret_cast<const char*>(data), size}}},
                                 embedded::Instruments());
  if (!catalogue.ok()) return 0;
  if (!Compile(std::move(*catalogue)).ok()) abort();
  return 0;
}
