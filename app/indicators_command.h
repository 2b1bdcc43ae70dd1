// kpr indicators list|get|watch|explain|revisions|compare, and kpr status.
#pragma once

#include <atomic>
#include <string>

#include "app/client.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

enum class Output { kTable, kCsv, kJson };

Status ListIndicators(const ClientOptions& client, Output output);
Status GetIndicator(const ClientOptions& client, const v1::GetRequest& request, Output output);
// Until `stop` or the server ends it.
Status WatchIndicator(const ClientOptions& client, const v1::GetRequest& request, Output output,
                      const std::atomic<bool>& stop);
Status ExplainIndicator(const ClientOptions& client, const v1::ExplainRequest& request, Output output);
Status ShowRevisions(const ClientOptions& client, const v1::RevisionsRequest& request, Output output);
Status CompareMunicipalities(const ClientOptions& client, const v1::CompareRequest& request, Output output);
Status ShowStatus(const ClientOptions& client, Output output);

}  // namespace kpr
