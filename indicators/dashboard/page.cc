#include "indicators/dashboard/page.h"

namespace kpr::dashboard {

std::vector<embedded::File> Page() {
  std::vector<embedded::File> files = embedded::Page();
  for (embedded::File& file : files) {
    if (!file.name.ends_with(".html")) file.name = "assets/" + file.name;
  }
  return files;
}

}  // namespace kpr::dashboard
