// HIS 1135 files: checked and read. Nothing may crash, and what is read can be written and read again.
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "ingest/his1135/his1135.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kpr;
  static const std::string path = "/dev/shm/kpr-fuzz-" + std::to_string(getpid()) + ".xml";
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  const auto check = his1135::CheckFile(path);
  if (!check.ok()) return 0;
  std::ostringstream out;
  his1135::Writer writer(&out, check->header);
  const Status status =
      his1135::ReadEvents(path, *check, [&](const v1::Event& event) { return writer.Add(event); });
  if (!status.ok()) abort();
  writer.Finish();
  return 0;
}
