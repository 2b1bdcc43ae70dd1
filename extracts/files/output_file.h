// One file of an extract: hashed, encrypted to its recipients, and there whole or not at all. What is not
// encrypted never reaches the disk, unless there is no recipient (dummy files).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/age.h"
#include "kpr/v1/extract.pb.h"

namespace kpr::extract {

class OutputFile {
 public:
  // <folder>/<name>, with ".age" behind where there are recipients.
  static Result<std::unique_ptr<OutputFile>> Create(const std::string& folder, const std::string& name,
                                                    const std::vector<crypto::AgeRecipient>& recipients);
  // Removes what is not finished.
  ~OutputFile();

  Status Write(std::string_view plain);
  // Synced and renamed into place.
  Result<v1::ExtractFile> Finish();

 private:
  struct State;
  explicit OutputFile(std::unique_ptr<State> state);
  Status Flush();
  std::unique_ptr<State> state_;
};

}  // namespace kpr::extract
