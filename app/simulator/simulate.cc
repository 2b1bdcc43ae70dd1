#include "app/simulator/simulate.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <fstream>

#include "app/simulator/municipality.h"
#include "ingest/his1135/his1135.h"

namespace kpr::simulator {
namespace {

his1135::Header HeaderOf(Municipality municipality) {
  his1135::Header header{"kpr", "kpr simulate", "1", "1", "synthetic", {}, municipality.ToString()};
  for (const char* type : {"1", "15", "16", "17"}) {
    header.contacts.push_back({"Syntetisk kontakt", "", "kontakt@example.no", "", type});
  }
  return header;
}

// One municipality's months, oldest first.
Status Run(const Options& options, Municipality municipality, uint32_t index, IdentityNumbers* numbers,
           const std::function<bool()>& cancelled, const Sender::Take& take) {
  MunicipalitySimulation simulation(municipality, index, options, numbers, take);
  const Period last = Period::Containing(PeriodKind::kMonth, options.to);
  bool first = true;
  for (Period month = Period::Containing(PeriodKind::kMonth, options.from); month <= last;
       month = month.next()) {
    if (cancelled()) return Unavailable("interrupted; the files written so far are not whole");
    KPR_RETURN_IF_ERROR(simulation.RunMonth(month, first));
    first = false;
  }
  return simulation.Finish();
}

}  // namespace

Status Simulate(const Options& given, Format format, const std::string& folder,
                const std::function<bool()>& cancelled,
                const std::function<void(const Progress&)>& progress) {
  Options options = given;
  if (format == Format::kHis1135) {
    options.mess.duplicated = 0;  // a message holds each notification once
    options.his1135_facts_only = true;
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Unavailable(fmt::format("{}: {}", folder, error.message()));
  IdentityNumbers numbers;
  Progress done{0, options.municipalities.size(), 0};
  google::protobuf::util::JsonPrintOptions json;
  json.preserve_proto_field_names = true;
  std::string line;
  for (const Municipality municipality : options.municipalities) {
    const std::string path = fmt::format("{}/{}.{}", folder, municipality.ToString(),
                                         format == Format::kNdjson ? "ndjson" : "xml");
    std::ofstream out(path, std::ios::binary);
    if (!out) return Unavailable(path + ": cannot be written");
    std::unique_ptr<his1135::Writer> writer;
    if (format == Format::kHis1135) writer = std::make_unique<his1135::Writer>(&out, HeaderOf(municipality));
    const Sender::Take take = [&](const v1::Event& event) -> Status {
      if (++done.events % 4096 == 0) progress(done);
      if (writer) return his1135::CanCarry(event) ? writer->Add(event) : Status();
      line.clear();
      const auto status = google::protobuf::util::MessageToJsonString(event, &line, json);
      if (!status.ok()) return Internal(std::string(status.message()));
      out << line << '\n';
      return out ? Status() : Unavailable(path + ": cannot be written (disk full?)");
    };
    KPR_RETURN_IF_ERROR(
        Run(options, municipality, static_cast<uint32_t>(done.municipalities), &numbers, cancelled, take));
    if (writer) writer->Finish();
    out.close();
    if (!out) return Unavailable(path + ": cannot be written (disk full?)");
    ++done.municipalities;
    progress(done);
  }
  return {};
}

Status SimulateTo(const Options& options, const std::function<Status(Municipality, const v1::Event&)>& take) {
  IdentityNumbers numbers;
  uint32_t index = 0;
  for (const Municipality municipality : options.municipalities) {
    KPR_RETURN_IF_ERROR(Run(
        options, municipality, index++, &numbers, [] { return false; },
        [&](const v1::Event& event) { return take(municipality, event); }));
  }
  return {};
}

}  // namespace kpr::simulator
