// What is made of an edition of the code lists, once for each, and kept as long as it. Thread-safe.
#pragma once

#include <map>

#include "base/mutex.h"
#include "registry/codelists/edition.h"

namespace kpr {

template <typename T>
class PerEdition {
 public:
  explicit PerEdition(T (*make)()) : make_(make) {}
  // Of the edition in use.
  const T& Get() {
    const EditionScope one;
    const MutexLock lock(mutex_);
    const auto it = made_.find(&EditionInUse());
    return it != made_.end() ? it->second : made_.emplace(&EditionInUse(), make_()).first->second;
  }

 private:
  T (*make_)();
  Mutex mutex_;
  std::map<const Edition*, T> made_ KPR_GUARDED_BY(mutex_);
};

}  // namespace kpr
