// What may be shown next, given all that has been shown before. One model over all releases: a variable for
// each value that a cell ever had, the relations of every release, and everything ever shown as known. Values
// that did not change are one variable, as if every reader knew which they are; but not those of a sum of
// others than before, as when a municipality has not approved. A change of a few persons is a small count
// like any other: it must not be seen, and must not follow ("revision held"); until it is large enough or
// gone the former value stays.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "indicators/disclosure/protection.h"

namespace kpr::disclosure {

// What a release shows of a cell.
enum class Shown : uint8_t {
  kValue,   // its value at the release's position
  kFormer,  // the value that was shown last; the change is held
  kHidden,
};

// A cell of a release that is to be made or has been.
struct ReleaseCell {
  std::string key;  // the same in all releases
  Cell cell;
  int64_t small_change = 0;  // a change by 1 to so many is not shown
  bool never_shown = false;  // part of a figure of this release without being one itself
  // Of a sum over a group of cells: the keys, in rising order, of those of the group that are not added up,
  // as those of a municipality that has not approved them.
  std::vector<std::string> missing_parts;
};

struct ReleaseRelation {
  std::vector<Term> terms;  // cells by their place in the release
  bool equal = true;
  bool found = false;  // in the figures of this release: in another it may not hold
};

struct ReleaseTables {
  std::vector<ReleaseCell> cells;
  std::vector<ReleaseRelation> relations;
};

class ReleaseHistory {
 public:
  // Decides what the next release shows, and adds it. Fails as Protect does, and then leaves the history as
  // it was.
  Result<std::vector<Shown>> Next(const ReleaseTables& tables, const ProtectionOptions& options);
  // Adds a release that was made before.
  void Add(const ReleaseTables& tables, const std::vector<Shown>& shown);

  // What readers see of the cell so far; none: it was never shown.
  std::optional<int64_t> LastShown(const std::string& key) const;
  // All releases so far as one model, and what of it was never shown.
  const Model& model() const { return model_; }
  Hidden hidden() const;

 private:
  struct Known {
    CellIndex current = 0;                   // the variable of the cell's newest value
    std::optional<int64_t> last_shown;       // the value that readers see
    uint32_t release = 0;                    // the last that it was in
    std::vector<std::string> missing_parts;  // as it was in that
  };
  struct Variables {
    std::vector<CellIndex> of_cell;
    std::vector<CellIndex> superseded;
    std::vector<CellIndex> parts_changed;  // sums of other parts than before, new sums, and changes of such
    std::vector<std::optional<CellIndex>> before;  // of each cell that has another now than before
  };
  class ChangesOfCommonParts;
  Variables AddVariables(const ReleaseTables& tables, Model& model) const;
  bool WereReleasedTogether(const std::string& key, const std::string& other) const;
  std::vector<bool> PartsChanged(const ReleaseTables& tables) const;
  std::vector<bool> TellsSmallChange(const ReleaseTables& tables) const;
  bool LeaveUnprotected(const Variables& variables, Model& model) const;
  static Model ReleaseAlone(const ReleaseTables& tables, const Variables& variables, const Model& model);
  void Remember(const ReleaseTables& tables, const Variables& variables, const std::vector<Shown>& shown,
                Model model);

  Model model_;
  uint32_t releases_ = 0;
  std::set<CellIndex> parts_changed_;  // of all releases
  std::map<std::string, Known> known_;
};

}  // namespace kpr::disclosure
