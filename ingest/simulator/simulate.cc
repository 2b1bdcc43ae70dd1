#include "ingest/simulator/simulate.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

#include "ingest/his1135/his1135.h"
#include "ingest/simulator/municipality.h"

namespace kpr::simulator {
namespace {

his1135::Header HeaderOf(Municipality municipality) {
  his1135::Header header{"kpr", "kpr simulate", "1", "1", "synthetic", {}, municipality.ToString()};
  for (const char* type : {"1", "15", "16", "17"}) {
    header.contacts.push_back({"Syntetisk kontakt", "", "kontakt@example.no", "", type});
  }
  return header;
}

// The files of one sender, by name, opened when first written to.
class Files {
 public:
  Files(std::string folder, Format format) : folder_(std::move(folder)), format_(format) {}

  Status AddLine(const std::string& name, const std::string& line) {
    KPR_RETURN_IF_ERROR(Open(name));
    files_[name]->out << line << '\n';
    return Check(name);
  }

  Status AddToMessage(const v1::Event& event) {
    KPR_RETURN_IF_ERROR(Open(event.municipality()));
    KPR_RETURN_IF_ERROR(files_[event.municipality()]->message->Add(event));
    return Check(event.municipality());
  }

  Status Finish() {
    for (auto& [name, file] : files_) {
      if (file->message) file->message->Finish();
      file->out.close();
      KPR_RETURN_IF_ERROR(Check(name));
    }
    return {};
  }

 private:
  struct File {
    std::ofstream out;
    std::unique_ptr<his1135::Writer> message;
  };

  Status Open(const std::string& name) {
    if (files_.contains(name)) return {};
    auto file = std::make_unique<File>();
    file->out.open(PathOf(name), std::ios::binary);
    if (format_ == Format::kHis1135) {
      file->message = std::make_unique<his1135::Writer>(&file->out, HeaderOf(*Municipality::Parse(name)));
    }
    files_[name] = std::move(file);
    return Check(name);
  }

  std::string PathOf(const std::string& name) const {
    return fmt::format("{}/{}.{}", folder_, name, format_ == Format::kNdjson ? "ndjson" : "xml");
  }

  Status Check(const std::string& name) {
    return files_[name]->out ? Status() : Unavailable(PathOf(name) + ": cannot be written (disk full?)");
  }

  std::string folder_;
  Format format_;
  std::map<std::string, std::unique_ptr<File>> files_;
};

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
    options.noise.duplicated = 0;  // a message holds each notification once
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
    Files files(folder, format);
    const Sender::Take take = [&](const v1::Event& event) -> Status {
      if (++done.events % 4096 == 0) progress(done);
      if (format == Format::kHis1135) {
        // A message holds the events of one code; a municipality that changes its code writes a file for
        // each.
        return his1135::CanCarry(event) ? files.AddToMessage(event) : Status();
      }
      line.clear();
      const auto status = google::protobuf::util::MessageToJsonString(event, &line, json);
      if (!status.ok()) return Internal(std::string(status.message()));
      return files.AddLine(municipality.ToString(), line);
    };
    KPR_RETURN_IF_ERROR(
        Run(options, municipality, static_cast<uint32_t>(done.municipalities), &numbers, cancelled, take));
    KPR_RETURN_IF_ERROR(files.Finish());
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
