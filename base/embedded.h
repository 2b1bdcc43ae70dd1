// Data files that are built into the binary; cmake/embed.cmake writes the definitions.
#pragma once

#include <string>
#include <vector>

namespace kpr::embedded {

struct File {
  std::string name;
  std::string content;
};

std::vector<File> CodeLists();    // registry/codelists/data
std::vector<File> Catalogue();    // indicators/catalogue
std::vector<File> Instruments();  // indicators/instruments
std::vector<File> Page();         // indicators/dashboard, as built

}  // namespace kpr::embedded
