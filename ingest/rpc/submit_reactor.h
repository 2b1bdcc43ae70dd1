// One submit stream on the wire. Reads ahead while fewer than limits::kBatchesInFlight batches wait for the
// log, answers in the order of the batches, ends when both are done.
#pragma once

#include "ingest/rpc/ingest_service.h"

namespace kpr {

// Ends itself when the call is over.
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* NewSubmitReactor(
    IngestService* service, grpc::CallbackServerContext* context);

}  // namespace kpr
