// kpr indicators list|get|watch|explain|revisions|compare, and kpr status: ask a server and show the answer.
#pragma once

#include <atomic>
#include <string>

#include "app/commands/output.h"
#include "ingest/client/connection.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

Status ListIndicators(const ClientOptions& client, Output output);
// All pages.
Result<v1::IndicatorTable> ReadIndicator(const ClientOptions& client,
                                         const v1::GetIndicatorValuesRequest& request);
Status GetIndicator(const ClientOptions& client, const v1::GetIndicatorValuesRequest& request, Output output);
// Until `stop` or the server ends it.
Status WatchIndicator(const ClientOptions& client, const v1::GetIndicatorValuesRequest& request,
                      Output output, const std::atomic<bool>& stop);
Status ExplainIndicator(const ClientOptions& client, const v1::ExplainIndicatorValueRequest& request,
                        Output output);
Status ShowRevisions(const ClientOptions& client, const v1::ListIndicatorRevisionsRequest& request,
                     Output output);
Status CompareMunicipalities(const ClientOptions& client, const v1::CompareMunicipalitiesRequest& request,
                             Output output);
Status ShowStatus(const ClientOptions& client, Output output);

}  // namespace kpr
