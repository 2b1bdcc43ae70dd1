// Which roles each method is open to: one row for every method the server offers. A method without a row
// fails the start and a test.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/role.h"
#include "base/status.h"

namespace kpr {

struct MethodRow {
  std::string_view method;  // "kpr.v1.Ingest/SubmitEvents"
  std::vector<Role> roles;
};

std::span<const MethodRow> MethodTable();
// None: the method has no row.
const MethodRow* FindMethod(std::string_view method);

// Checks that every method of the services has a row, by their descriptors in the protobuf pool. `services`
// are full names: "kpr.v1.Ingest". kInternal names the methods without one.
Status CheckMethodTable(const std::vector<std::string>& services);

}  // namespace kpr
