// Protection of a draft as a server has stored it: how long, how much memory, how large the parts.
//   release_bench FOLDER SERIES     FOLDER: publications of a data directory
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "indicators/disclosure/protection.h"
#include "indicators/publication/release_maker.h"
#include "indicators/publication/release_store.h"
#include "indicators/publication/tables_model.h"

namespace {

using namespace kpr;               // NOLINT
using namespace kpr::publication;  // NOLINT

rusage Usage() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

double Seconds() {
  const timeval time = Usage().ru_utime;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double SinceLast() {
  static double last = Seconds();
  const double now = Seconds(), passed = now - last;
  last = now;
  return passed;
}

int Fail(const Status& status) {
  std::fprintf(stderr, "release_bench: %s\n", status.message().c_str());
  return 1;
}

disclosure::Model ModelAlone(const TablesModel& tables) {
  disclosure::Model model;
  for (const disclosure::ReleaseCell& cell : tables.release.cells) model.AddCell(cell.cell);
  for (const auto& relation : tables.release.relations) model.AddRelation(relation.terms, relation.equal);
  model.Finish();
  return model;
}

void PrintParts(const disclosure::Model& model, const disclosure::Hidden& hidden) {
  std::vector<size_t> sizes;
  for (const auto& part : disclosure::Components(model, hidden)) sizes.push_back(part.size());
  std::sort(sizes.rbegin(), sizes.rend());
  std::printf("  %zu parts", sizes.size());
  for (size_t i = 0; i < std::min<size_t>(sizes.size(), 6); ++i)
    std::printf("%s %zu", i ? "," : ", of", sizes[i]);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: release_bench FOLDER SERIES\n"), 2;
  const auto stored = ReleaseStore(argv[1]).ReadDraft(argv[2]);
  if (!stored.ok()) return Fail(stored.status());
  const v1::PublicationPlan& plan = stored->draft().plan();
  const std::vector<v1::ReleaseTable> tables(stored->tables().begin(), stored->tables().end());
  SinceLast();
  const auto model = ModelOf(tables, plan.policy(), static_cast<int>(plan.structure_year()));
  if (!model.ok()) return Fail(model.status());
  const disclosure::Model cells = ModelAlone(*model);
  disclosure::Hidden primary(cells.cells());
  size_t count = 0;
  for (disclosure::CellIndex i = 0; i < cells.cells(); ++i) {
    primary[i] = cells.cell(i).showing == disclosure::Showing::kHidden;
    count += primary[i];
  }
  std::printf("model: %zu cells, %zu relations, %zu hidden by rule, %.1f s\n", cells.cells(),
              cells.relations(), count, SinceLast());
  PrintParts(cells, primary);
  std::fflush(stdout);
  const auto hidden = disclosure::Suppress(cells);
  if (!hidden.ok()) return Fail(hidden.status());
  std::printf("suppression: %zu hidden, %.1f s\n",
              static_cast<size_t>(std::count(hidden->begin(), hidden->end(), true)), SinceLast());
  PrintParts(cells, *hidden);
  std::fflush(stdout);
  const auto protection = disclosure::HideUntilWide(cells, *hidden, {});
  if (!protection.ok()) return Fail(protection.status());
  std::printf("attack and widening: %zu hidden more, %zu programmes at the end, %.1f s\n",
              protection->widened, protection->report.programmes, SinceLast());
  std::fflush(stdout);
  const ReleaseStore store(argv[1]);
  auto earlier = store.ReadEarlier(plan);
  if (!earlier.ok()) return Fail(earlier.status());
  const Status last = store.ReadLast(argv[2], &*earlier);
  if (!last.ok()) return Fail(last);
  const auto release = PrepareRelease(plan, tables, *earlier);
  if (!release.ok()) return Fail(release.status());
  std::printf("whole release, after those before: %u hidden, narrowest %.0f, %.1f s, %ld MB\n",
              release->certificate.hidden(), release->certificate.narrowest(), SinceLast(),
              Usage().ru_maxrss / 1024);
  return 0;
}
