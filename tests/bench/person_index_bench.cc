// Who has received data on a person, among many extracts: person_index_bench FOLDER [EXTRACTS] [PERSONS].
#include <fmt/format.h>

#include <filesystem>
#include <random>

#include "extracts/office/extract_store.h"
#include "tests/bench/measure.h"

namespace kpr::extract {
namespace {

SubjectId Anybody(std::mt19937_64* random) {
  SubjectId person;
  for (uint8_t& byte : person.bytes) byte = static_cast<uint8_t>((*random)());
  person.bytes[0] = static_cast<uint8_t>(SubjectKind::kPerson);
  return person;
}

void Run(const std::string& folder, size_t extracts, size_t persons) {
  std::mt19937_64 random(1);
  const ExtractStore store(folder);
  std::vector<SubjectId> everybody(persons);
  for (SubjectId& person : everybody) person = Anybody(&random);
  for (size_t i = 0; i < extracts; ++i) {
    v1::Extract extract;
    extract.set_id(fmt::format("project-{}", i));
    Must(store.Write(extract));
    // Every extract has all but a few: no list is like another.
    everybody[random() % persons] = Anybody(&random);
    Must(store.WritePersons(extract.id(), everybody).status());
  }
  std::vector<double> seconds;
  size_t found = 0;
  for (int i = 0; i < 21; ++i) {
    const SubjectId person = i % 2 == 0 ? everybody[random() % persons] : Anybody(&random);
    const auto begin = Steady::now();
    const auto ids = store.Ids();
    Must(ids.status());
    for (const std::string& id : *ids) {
      const auto has = store.HasPerson(id, person);
      Must(has.status());
      found += *has ? 1 : 0;
    }
    seconds.push_back(Since(begin));
  }
  std::cout << fmt::format("{} extracts of {} persons: median {:.1f} ms, slowest {:.1f} ms; found {}\n",
                           extracts, persons, 1000 * Percentile(seconds, 0.5), 1000 * Percentile(seconds, 1),
                           found);
}

}  // namespace
}  // namespace kpr::extract

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: person_index_bench FOLDER [EXTRACTS] [PERSONS]\n";
    return 2;
  }
  kpr::extract::Run(argv[1], argc > 2 ? std::stoul(argv[2]) : 3000, argc > 3 ? std::stoul(argv[3]) : 100'000);
}
