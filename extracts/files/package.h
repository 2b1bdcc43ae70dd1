// What goes with the tables so that they can be read without asking anybody: a codebook, a Frictionless Data
// Package (v2), an RO-Crate with where the data come from, and a manifest with a hash of every file. Pure: no
// times or names of machines, so that the same extract has the same package.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "extracts/rows/table_plan.h"

namespace kpr::extract {

// What the manifest says beside the request.
struct PackageFacts {
  bool dummy = false;
  uint64_t persons = 0;
  v1::ExtractRisk risk;
  v1::ExtractDelta delta;
};

class Package {
 public:
  // All but the facts outlive it.
  Package(const v1::ExtractRequest& request, const std::vector<TablePlan>& tables,
          const v1::Extract& described, PackageFacts facts)
      : request_(request), tables_(tables), described_(described), facts_(std::move(facts)) {}

  // A file of a table, under its decrypted name.
  void Add(size_t table, v1::FileFormat format, const std::string& name, const v1::ExtractFile& file);
  // Names and contents. The manifest is the last, with the hashes of all others.
  std::vector<std::pair<std::string, std::string>> Documents() const;

 private:
  struct Entry {
    size_t table = 0;
    v1::FileFormat format{};
    std::string name, sha256;
    uint64_t rows = 0;
  };
  std::string DataPackage() const;
  std::string Crate(const std::vector<std::string>& names) const;
  std::string Manifest(const std::vector<std::pair<std::string, std::string>>& documents) const;
  std::string Title() const;
  bool is_delta() const { return !described_.delta_to().empty(); }

  const v1::ExtractRequest& request_;
  const std::vector<TablePlan>& tables_;
  const v1::Extract& described_;
  const PackageFacts facts_;
  std::vector<Entry> entries_;
};

// The manifest of anonymous tables: of files under their decrypted names.
std::string TablesManifest(const v1::Extract& described, const std::vector<v1::ExtractFile>& files);

}  // namespace kpr::extract
