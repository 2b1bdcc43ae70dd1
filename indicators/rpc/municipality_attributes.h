// What the register holds on municipalities, as an answer.
#pragma once

#include "base/status.h"
#include "kpr/v1/indicator.pb.h"
#include "registry/attributes/municipality_data.h"

namespace kpr {

// kInvalid names the field that is wrong.
Result<v1::MunicipalityAttributes> AttributesAnswer(const MunicipalityData& data,
                                                    const v1::GetMunicipalityAttributesRequest& request);

}  // namespace kpr
