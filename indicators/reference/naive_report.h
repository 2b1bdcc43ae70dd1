// What reports of providers and municipalities state, and until when. Reference only; never fast.
#pragma once

#include <map>
#include <string>

#include "indicators/reference/naive_subject.h"
#include "kpr/v1/definition.pb.h"

namespace kpr::naive {

using Stated = std::map<v1::ReportField, double>;

// What the event states goes over what was stated before.
void State(const v1::Event& e, Stated* stated, std::string* industry);

// Of the workforce, else of capacity: places and rooms.
inline bool OfWorkforce(v1::ReportField field) {
  const std::string& name = v1::ReportField_Name(field);
  return name.find("PLACES") == std::string::npos && name.find("ROOMS") == std::string::npos;
}

// A municipality's own report ends with its code.
bool CodeGone(const Subject& subject, const v1::Event& report, Date day);

}  // namespace kpr::naive
