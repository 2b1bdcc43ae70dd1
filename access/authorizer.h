// The one place that decides who may call what about which municipality (I8). Default deny; an explicit
// forbid wins; each decision names its rule. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "access/policy.h"
#include "base/status.h"
#include "base/swappable.h"

namespace kpr {

struct Decision {
  bool allowed = false;
  std::string rule;  // e.g. "the policy does not name urn:x", "forbid 2"
};

// Of a refused call.
struct Denial {
  std::string principal, method, rule;
};

class Authorizer {
 public:
  // `policy` outlives the authorizer. `on_denied` is called for each refusal, from any thread.
  Authorizer(const Swappable<Policy>* policy, std::function<void(const Denial&)> on_denied)
      : policy_(policy), on_denied_(std::move(on_denied)) {}

  // Whether the principal may call the method at all.
  Decision AuthorizeCall(const std::string& principal, const std::string& method) const;
  // Whether the call may be about the municipality; none: about all of them. A principal whose only role for
  // the method is sender or municipal_reader may see its own municipalities, every other role all of them.
  Decision AuthorizeMunicipality(const std::string& principal, const std::string& method,
                                 std::optional<Municipality> municipality) const;
  // The same answer without a refusal: of lists that leave out what the caller may not see.
  bool MaySee(const std::string& principal, const std::string& method, Municipality municipality) const;

  // By the policy in force now.
  std::set<Role> RolesOf(const std::string& principal) const;

  // Of a refusal that is decided elsewhere: the same log line and count.
  Decision Refuse(const std::string& principal, const std::string& method, std::string rule) const;

  // What a sender may send, by the policy in force now and without what it forbids; none: the principal may
  // not submit events.
  std::shared_ptr<const Grant> SenderGrant(const std::string& principal) const;

 private:
  Decision DecideCall(const Policy& policy, const std::string& principal, const std::string& method) const;
  Decision DecideMunicipality(const std::string& principal, const std::string& method,
                              std::optional<Municipality> municipality) const;

  const Swappable<Policy>* policy_;
  const std::function<void(const Denial&)> on_denied_;
};

}  // namespace kpr
