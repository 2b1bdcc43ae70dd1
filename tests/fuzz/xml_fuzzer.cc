// HIS 1135 messages: checked and read. Nothing may crash, and what is read can be written and read again.
#include <cstdlib>
#include <sstream>

#include "ingest/his1135/his1135.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kpr;
  const his1135::Source source{"message", std::string_view(reinterpret_cast<const char*>(data), size)};
  const auto check = his1135::CheckMessage(source);
  if (!check.ok()) return 0;
  std::ostringstream out;
  his1135::Writer writer(&out, check->header);
  const Status status =
      his1135::ReadEvents(source, *check, [&](const v1::Event& event, int) { return writer.Add(event); });
  if (!status.ok()) abort();
  writer.Finish();
  return 0;
}
