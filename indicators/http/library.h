// What has been published, for readers: releases and their tables as cubes, read from the folder of releases,
// verified against the manifest and kept while there is room. New releases are seen within a second.
// Thread-safe.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "indicators/engine/plan.h"
#include "indicators/http/cube.h"
#include "indicators/publication/release_store.h"

namespace kpr::http {

// A table of a series, in one of its releases.
struct TableEntry {
  uint32_t id = 0;  // 1 for the table that was published first of all; never another's
  std::string series, indicator;
  v1::Text title;
  std::vector<const v1::Release*> releases;  // that have it, oldest first

  const v1::Release& last() const { return *releases.back(); }
  std::string name() const { return series + "." + indicator; }
};

// All that was published at one moment; does not change.
struct Published {
  std::map<std::string, std::vector<v1::Release>> releases;  // of each series, oldest first
  std::vector<TableEntry> tables;                            // by id
  uint64_t generation = 0;

  // By number, or by name ("care.occupancy"), without regard to case. Null: there is none.
  const TableEntry* Find(const std::string& id) const;
};

class Library {
 public:
  // `plans` and `clock` outlive the library; `plans` may be null, then there are no definitions. `on_failure`
  // gets what an operator should know; may be empty.
  Library(std::string folder, const PlanHolder* plans, const Clock* clock,
          std::function<void(const std::string&)> on_failure = {})
      : store_(std::move(folder)), plans_(plans), clock_(clock), on_failure_(std::move(on_failure)) {}

  // When something cannot be read: what was there before, where anything was.
  Result<std::shared_ptr<const Published>> Now();
  // kDataLoss: the file is not what the manifest says.
  Result<std::shared_ptr<const Cube>> ReadCube(const v1::Release& release, const std::string& indicator);
  // A file of a release as it was signed.
  Result<std::string> ReadFile(const v1::Release& release, const std::string& name) const;
  // Of the catalogue, as the table was computed by; null where that version is gone.
  std::shared_ptr<const v1::Definition> DefinitionOf(const v1::ReleaseTable& table) const;

 private:
  using CubeKey = std::pair<std::string, std::string>;  // series and number, indicator
  Result<std::shared_ptr<const Published>> Read(uint64_t generation) const;
  Result<uint64_t> CountReleases() const;
  Status Refresh() KPR_REQUIRES(mutex_);
  // kDataLoss: its signature is not by the key it names.
  Result<v1::Release> ReadSigned(const std::string& series, uint32_t number) const;

  const publication::ReleaseStore store_;
  const PlanHolder* plans_;
  const Clock* clock_;
  const std::function<void(const std::string&)> on_failure_;
  Mutex mutex_;
  std::shared_ptr<const Published> published_ KPR_GUARDED_BY(mutex_);
  uint64_t counted_ KPR_GUARDED_BY(mutex_) = 0;
  int64_t checked_at_ KPR_GUARDED_BY(mutex_) = 0;
  Status failure_ KPR_GUARDED_BY(mutex_);
  // The most recently read first.
  std::list<std::pair<CubeKey, std::shared_ptr<const Cube>>> cubes_ KPR_GUARDED_BY(mutex_);
};

}  // namespace kpr::http
