// Extracts in their folder: <folder>/<id>/extract.pb, files/ while they can be fetched, and persons, who is
// in them. Everything is written whole or not at all. Not for several writers at once.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "kpr/v1/extract.pb.h"

namespace kpr::extract {

class ExtractStore {
 public:
  explicit ExtractStore(std::string folder) : folder_(std::move(folder)) {}

  Result<std::vector<std::string>> Ids() const;  // sorted
  // kNotFound: there is none.
  Result<v1::Extract> Read(const std::string& id) const;
  Status Write(const v1::Extract& extract) const;

  std::string FilesOf(const std::string& id) const;
  // Before it is built, and when nobody may fetch it any longer.
  Status RemoveFiles(const std::string& id) const;
  // From a byte on, at most `size`.
  Result<std::string> ReadPiece(const std::string& id, const std::string& name, uint64_t offset,
                                size_t size) const;

  // Who is in it: read when somebody asks who has received data on a person. Gives the SHA-256 of the list.
  Result<std::string> WritePersons(const std::string& id, std::vector<SubjectId> persons) const;
  Result<std::vector<SubjectId>> ReadPersons(const std::string& id) const;
  Result<uint64_t> CountPersons(const std::string& id) const;
  // kNotFound: it has no list, as long as it was never built.
  Result<bool> HasPerson(const std::string& id, const SubjectId& person) const;

 private:
  std::string FolderOf(const std::string& id) const { return folder_ + "/" + id; }
  std::string PersonsOf(const std::string& id) const { return FolderOf(id) + "/persons"; }
  const std::string folder_;
};

}  // namespace kpr::extract
