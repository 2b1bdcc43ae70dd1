// Anonymous tables: what a request asks for as the plan of a publication, and their files.
#pragma once

#include <string>
#include <vector>

#include "base/crypto/age.h"
#include "base/date.h"
#include "base/status.h"
#include "indicators/publication/release_files.h"
#include "kpr/v1/extract.pb.h"

namespace kpr::extract {

// kInvalid: not tables that can be made, in words for whoever wrote the request. `definitions` are those that
// are complete, `reached` is the day that the data have reached: later figures would be provisional.
Result<v1::PublicationPlan> AnonymousPlan(const v1::ExtractRequest& request,
                                          const std::vector<v1::Definition>& definitions, Date reached);

// Encrypts the files of the tables, with a manifest, into the folder.
Result<std::vector<v1::ExtractFile>> WriteTables(const std::vector<publication::PublicFile>& tables,
                                                 const v1::Extract& described, const std::string& folder,
                                                 const std::vector<crypto::AgeRecipient>& recipients);

}  // namespace kpr::extract
