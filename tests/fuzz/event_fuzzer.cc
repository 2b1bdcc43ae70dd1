// Bytes from the wire: parsed, judged, pseudonymised, stored form made and read. Nothing may crash, and no
// identity number may come out.
#include <google/protobuf/stubs/logging.h>

#include <cstdlib>
#include <string>

#include "ingest/session/submit_session.h"
#include "registry/log_record/log_slice.h"
#include "registry/timeline/subject_state.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kpr;
  static const auto quiet = google::protobuf::SetLogHandler(nullptr);
  (void)quiet;
  static const Pseudonymizer pseudonymizer = std::move(*Pseudonymizer::Create(std::string(32, 'k')));
  static const Grant grant = Policy::AllowLoopback().grants.begin()->second;
  SubmitSession session({&pseudonymizer, 2}, "fuzz");
  v1::EventBatch batch;
  // As one event, and as a batch.
  batch.add_events(std::string(reinterpret_cast<const char*>(data), size));
  v1::EventBatch whole;
  if (whole.ParseFromArray(data, static_cast<int>(size))) batch.MergeFrom(whole);
  const PreparedBatch prepared = session.Prepare(batch, {grant, {}}, 1'718'000'000'000);
  for (const auto& stream : prepared.append.streams()) {
    if (stream.stream >= 2) continue;
    const auto slice = ReadSlice({LogChunk{0, stream.records, stream.bytes}}, 0, stream.stream, 2);
    if (!slice.ok()) abort();  // what validation lets through must be storable
    for (const auto& [subject, bytes] : slice->facts) {
      std::vector<Fact> facts;
      if (!DecodeFacts(bytes, &facts)) abort();
      (void)Fold(subject, facts);
    }
  }
  // Raw bytes as a timeline.
  std::vector<Fact> facts;
  if (DecodeFacts({reinterpret_cast<const char*>(data), size}, &facts) && facts.size() < 50)
    (void)Fold({}, facts);
  return 0;
}
