// Where what must not go unseen is written to. What is read is given only after its record is durable.
#pragma once

#include "base/status.h"
#include "kpr/v1/audit.pb.h"

namespace kpr {

class Audit {
 public:
  virtual ~Audit() = default;
  // Returns when the record is durable; its time is set here. Any other status: it is not recorded, and what
  // it tells of must not happen. Thread-safe.
  virtual Status Record(v1::AuditRecord record) = 0;
};

}  // namespace kpr
