#include "app/commands/extract_dummy.h"

#include <fmt/format.h>

#include <algorithm>

#include "extracts/build/event_timelines.h"
#include "extracts/files/formats.h"
#include "extracts/request/request.h"
#include "ingest/simulator/simulate.h"
#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

constexpr size_t kMunicipalities = 4;  // simulated, at most
constexpr double kScale = 0.25;
constexpr int kMonthsBefore = 12;  // so that services have begun when the time frame does
// Nobody is in dummy files: the same key for all, so that the same request gives the same files.
const std::string kDummyKey(32, 'd');

// Of the request's geography, as it is on the last day; elsewhere where it names none that is.
std::vector<Municipality> MunicipalitiesOf(const v1::ExtractRequest& request, Date last) {
  const extract::Geography geography(request);
  std::vector<Municipality> all = MunicipalitiesOn(last), covered;
  std::copy_if(all.begin(), all.end(), std::back_inserter(covered),
               [&](Municipality municipality) { return geography.Covers(municipality); });
  // Some of everywhere, not the first counties alone.
  std::vector<Municipality> some;
  const size_t step = std::max<size_t>(1, covered.size() / kMunicipalities);
  for (size_t i = 0; i < covered.size() && some.size() < kMunicipalities; i += step)
    some.push_back(covered[i]);
  return some;
}

}  // namespace

Result<Dummy> MakeDummy(const std::string& request, const std::string& file_name, const std::string& folder,
                        uint64_t seed, Date today, const std::function<bool()>& cancelled) {
  KPR_ASSIGN_OR_RETURN(const v1::ExtractRequest parsed, extract::ParseRequest(request, file_name));
  if (parsed.has_anonymous())
    return Invalid(
        file_name +
        ": anonymous tables are of the form of a release's, which anybody can have; dummy files are of "
        "rows on persons");
  const auto findings = extract::Findings(parsed, extract::WritableFormats());
  if (!findings.empty()) return Invalid(fmt::format("{}: {}", file_name, fmt::join(findings, "\n  ")));
  KPR_ASSIGN_OR_RETURN(const auto plan, extract::RequestPlan::Create(parsed, kDummyKey));
  simulator::Options simulation;
  simulation.seed = seed;
  simulation.from = Period::Parse(parsed.first_month())->first().MinusMonths(kMonthsBefore);
  simulation.to = std::min(Period::Parse(parsed.last_month())->last(), today);
  simulation.municipalities = MunicipalitiesOf(parsed, simulation.to);
  if (simulation.municipalities.empty())
    return Invalid(
        fmt::format("{}: areas: none of them is in force on {}", file_name, simulation.to.ToString()));
  simulation.scale = kScale;
  simulation.noise.renumbered = 0;
  KPR_ASSIGN_OR_RETURN(const Pseudonymizer pseudonymizer, Pseudonymizer::Create(kDummyKey));
  extract::EventTimelines timelines(&pseudonymizer);
  KPR_RETURN_IF_ERROR(
      simulator::SimulateTo(simulation, [&](Municipality municipality, const v1::Event& event) {
        if (cancelled()) return Unavailable("interrupted");
        return timelines.Add(event, municipality.ToString());
      }));
  extract::BuildOptions options;
  options.folder = folder;
  options.policy = {1, 1};  // nobody is at risk
  options.dummy = true;
  options.described.set_id(parsed.project() + "-dummy");
  options.described.set_request_sha256(extract::HashOf(parsed));
  options.described.set_software(KPR_VERSION);
  options.described.set_data_day(simulation.to.ToString());
  options.reading.proceed = [&] { return cancelled() ? Unavailable("interrupted") : Status(); };
  Dummy dummy;
  dummy.simulated = timelines.persons();
  KPR_RETURN_IF_ERROR(extract::Build(timelines, plan.get(), options, &dummy.built));
  return dummy;
}

}  // namespace kpr
