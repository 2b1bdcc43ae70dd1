// kpr indicators attributes: what the register holds on municipalities beside what they send.
#pragma once

#include "app/commands/output.h"
#include "ingest/client/connection.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

Status ShowAttributes(const ClientOptions& client, const v1::GetMunicipalityAttributesRequest& request,
                      Output output);

}  // namespace kpr
