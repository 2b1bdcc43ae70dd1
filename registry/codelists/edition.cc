#include "registry/codelists/edition.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include "base/mutex.h"

namespace kpr {
namespace {

class EditionsUsed {
 public:
  EditionsUsed() { Use(ReadEdition({}).value()); }
  const Edition& First() const {
    const MutexLock lock(mutex_);
    return *all_.front();
  }
  const Edition& Now() const { return *now_.load(std::memory_order_acquire); }
  void Use(Edition edition) { now_.store(&Keep(std::move(edition)), std::memory_order_release); }
  const Edition& Keep(Edition edition) {
    const MutexLock lock(mutex_);
    const auto known =
        std::find_if(all_.begin(), all_.end(), [&](const auto& e) { return e->version == edition.version; });
    if (known != all_.end()) return **known;
    all_.push_back(std::make_unique<const Edition>(std::move(edition)));
    return *all_.back();
  }

 private:
  mutable Mutex mutex_;
  // Never freed: readers hold no more than a pointer.
  std::vector<std::unique_ptr<const Edition>> all_ KPR_GUARDED_BY(mutex_);
  std::atomic<const Edition*> now_ = nullptr;
};

EditionsUsed& Used() {
  static EditionsUsed* const used = new EditionsUsed;
  return *used;
}

thread_local const Edition* in_scope = nullptr;

template <typename Rows>
Status CheckKept(const Rows& now, const Rows& next, const char* list, int digits) {
  for (const auto& [code, row] : now) {
    if (next.contains(code)) continue;
    return FailedPrecondition(fmt::format(
        "{}: code {:0{}} is not there any more; give the day on which it ends instead", list, code, digits));
  }
  return {};
}

}  // namespace

Status CheckFollows(const Edition& now, const Edition& next) {
  KPR_RETURN_IF_ERROR(CheckKept(now.municipalities, next.municipalities, "municipalities.csv", 4));
  KPR_RETURN_IF_ERROR(CheckKept(now.service_types, next.service_types, "service_types.csv", 1));
  return CheckKept(now.counties, next.counties, "counties.csv", 2);
}

const Edition& EditionInUse() {
  return in_scope != nullptr ? *in_scope : Used().Now();
}

const Edition& NewestEdition() {
  return Used().Now();
}

void UseEdition(Edition edition) {
  Used().Use(std::move(edition));
}

const Edition& KeepEdition(Edition edition) {
  return Used().Keep(std::move(edition));
}

const Edition& BuiltInEdition() {
  return Used().First();
}

EditionScope::EditionScope() : EditionScope(EditionInUse()) {}

EditionScope::EditionScope(const Edition& edition) : outer_(in_scope) {
  in_scope = &edition;
}

EditionScope::~EditionScope() {
  in_scope = outer_;
}

}  // namespace kpr
