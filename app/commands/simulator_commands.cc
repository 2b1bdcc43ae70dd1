// kpr simulate and kpr convert: events for trials, and between the formats.
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "app/commands/command_line.h"
#include "ingest/client/event_source.h"
#include "ingest/his1135/his1135.h"
#include "ingest/simulator/simulate.h"
#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

struct SimulateOptions {
  std::string municipalities, from = "2022-01-01", to = "2024-12-31", out = "simulated", format = "ndjson";
  int first_municipalities = 0;
  simulator::Options simulation;
};

struct ConvertOptions {
  std::string from, to;
};

Result<simulator::Options> SimulationOf(const SimulateOptions& o) {
  simulator::Options simulation = o.simulation;
  const auto from = Date::Parse(o.from), to = Date::Parse(o.to);
  if (!from || !to || *from > *to)
    return Invalid("--from, --to: expected two dates YYYY-MM-DD, the first not after the last");
  simulation.from = *from;
  simulation.to = *to;
  for (size_t at = 0; at < o.municipalities.size(); at += 5) {
    const auto code = Municipality::Parse(o.municipalities.substr(at, 4));
    if (!code || MunicipalityOn(*code, *to) != CodeValidity::kInForce) {
      return Invalid(fmt::format("--municipalities: '{}' is not a municipality on {}",
                                 o.municipalities.substr(at, 4), o.to));
    }
    simulation.municipalities.push_back(*code);
  }
  if (simulation.municipalities.empty()) simulation.municipalities = MunicipalitiesOn(*to);
  if (o.first_municipalities > 0) {
    simulation.municipalities.resize(
        std::min<size_t>(simulation.municipalities.size(), static_cast<size_t>(o.first_municipalities)));
  }
  return simulation;
}

Status RunSimulate(const SimulateOptions& o, const Interrupts& interrupts) {
  KPR_ASSIGN_OR_RETURN(const simulator::Options simulation, SimulationOf(o));
  if (o.format != "ndjson" && o.format != "his1135") return Invalid("--format: expected ndjson or his1135");
  const auto format = o.format == "ndjson" ? simulator::Format::kNdjson : simulator::Format::kHis1135;
  const bool show = isatty(STDERR_FILENO) != 0;
  simulator::Progress last;
  KPR_RETURN_IF_ERROR(simulator::Simulate(
      simulation, format, o.out, [&] { return interrupts.stop.load(); },
      [&](const simulator::Progress& p) {
        last = p;
        if (show)
          std::cerr << fmt::format("\r{}/{} municipalities, {} events", p.municipalities, p.of, p.events);
      }));
  if (show) std::cerr << '\n';
  std::cout << fmt::format(
      "{} of {} in {}\n", Plural(last.events, "event"),
      last.municipalities == 1 ? "1 municipality" : fmt::format("{} municipalities", last.municipalities),
      o.out);
  return {};
}

// HIS 1135 to NDJSON or back to the same message.
Status RunConvert(const ConvertOptions& o) {
  if (o.to == "ndjson") {
    return ReadHis1135(o.from, [](const v1::Event& event) -> Status {
      std::cout << ToNdjson(event) << '\n';
      return std::cout ? Status() : Unavailable("standard output: cannot be written");
    });
  }
  if (o.to != "his1135") return Invalid("--to: expected ndjson or his1135");
  KPR_ASSIGN_OR_RETURN(const his1135::Check check, his1135::CheckMessage({o.from, {}}));
  if (check.deleted) return Invalid(o.from + ": the message is marked deleted");
  his1135::Writer writer(&std::cout, check.header);
  KPR_RETURN_IF_ERROR(his1135::ReadEvents({o.from, {}}, check,
                                          [&](const v1::Event& event, int) { return writer.Add(event); }));
  writer.Finish();
  return {};
}

void AddSimulation(CLI::App* command, SimulateOptions* o) {
  auto& noise = o->simulation.noise;
  command->add_option("--seed", o->simulation.seed, "the same seed and options give the same bytes")
      ->capture_default_str();
  command->add_option("--from", o->from, "first day")->capture_default_str();
  command->add_option("--to", o->to, "last day")->capture_default_str();
  command->add_option("--municipalities", o->municipalities,
                      "four-digit codes in force on the last day, with commas; default: all");
  command->add_option("--first", o->first_municipalities, "only the first so many municipalities");
  command->add_option("--scale", o->simulation.scale, "1 is the country's size")
      ->capture_default_str()
      ->check(CLI::Range(0.0001, 10.0));
  command
      ->add_option("--contacts", o->simulation.contacts,
                   "contacts with other health services that a recipient has in a year")
      ->capture_default_str()
      ->check(CLI::Range(0.0, simulator::kMostContacts));
  command->add_option("--format", o->format, "ndjson or his1135 (service events only)")
      ->capture_default_str();
  command->add_flag("--his1135-facts", o->simulation.his1135_facts_only,
                    "only facts that HIS 1135 can carry");
  command->add_option("--out", o->out, "folder; one file per municipality")->capture_default_str();
  for (const auto& [name, rate, what] :
       {std::tuple{"--corrected", &noise.corrected, "share sent wrong first, then replaced"},
        {"--annulled", &noise.annulled, "share sent by mistake, then annulled"},
        {"--late", &noise.late, "share sent weeks late"},
        {"--duplicated", &noise.duplicated, "share sent twice"},
        {"--lost", &noise.lost, "share never sent: gaps in the chain"},
        {"--renumbered", &noise.renumbered, "share of persons whose number changes"}}) {
    command->add_option(name, *rate, what)->capture_default_str()->check(CLI::Range(0.0, 1.0));
  }
}

}  // namespace

void AddSimulatorCommands(CommandLine* line, Interrupts* interrupts) {
  const auto simulation = std::make_shared<SimulateOptions>();
  AddSimulation(line->Add(line->app(), "simulate", "write the events of a synthetic country",
                          "kpr simulate --first 5 --scale 0.1 --out simulated",
                          [=] { return RunSimulate(*simulation, *interrupts); }),
                simulation.get());

  const auto conversion = std::make_shared<ConvertOptions>();
  auto* convert = line->Add(line->app(), "convert", "HIS 1135 to NDJSON, or read and written back",
                            "kpr convert --to ndjson message.xml", [=] { return RunConvert(*conversion); });
  convert->add_option("file", conversion->from, "HIS 1135 message")->required();
  convert->add_option("--to", conversion->to, "ndjson or his1135")->required();
}

}  // namespace kpr
