// The record of the register for catalogues of health data (DCAT-AP 3 with HealthDCAT-AP, as JSON-LD): what
// the register holds, who answers for it and by which law, how data are asked for, and every published table.
// It has no figure but published ones. Pure.
#pragma once

#include <string>
#include <vector>

#include "indicators/http/routes.h"

namespace kpr::http {

// What only the installation knows.
struct RegisterHolder {
  std::string address;  // of this site, for the public: "https://statistikk.example.no"; empty: no record
  std::string publisher, publisher_email;
  std::string access_body, access_body_email;  // that decides on access to health data (HDAB)
  std::string health_category;                 // IRI in the list of the profile
};

// kInvalid names the option of [catalogue] that is missing, or is no address.
Status CheckHolder(const RegisterHolder& holder);
std::vector<Route> CatalogueApi(const RegisterHolder& holder);

}  // namespace kpr::http
