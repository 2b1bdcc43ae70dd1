// Rows/s of each format, encrypted and hashed on the way to the disk: extract_bench FOLDER [ROWS].
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>

#include "extracts/files/formats.h"
#include "extracts/files/output_file.h"
#include "extracts/files/table_writer.h"

namespace kpr::extract {
namespace {

constexpr size_t kRowsAtOnce = 8192;

// As those of services: a token, a code, two dates and a number.
Rows RandomRows(std::mt19937_64* random, size_t count) {
  Rows rows{5, {}};
  for (size_t i = 0; i < count; ++i) {
    const Value start = 16'000 + static_cast<Value>((*random)() % 3'600);
    rows.values.insert(rows.values.end(),
                       {PackToken((*random)()), static_cast<Value>(1 + (*random)() % 28), start,
                        (*random)() % 3 == 0 ? kMissing : start + static_cast<Value>((*random)() % 900),
                        static_cast<Value>((*random)() % 900)});
  }
  return rows;
}

Status Run(const std::string& folder, size_t count) {
  v1::ExtractRequest request;
  for (const char* name : {"service_type", "start", "end", "days"})
    request.add_variables()->set_name(std::string("service_spells.") + name);
  const TablePlan table = TablesOf(request).back();
  KPR_ASSIGN_OR_RETURN(const auto recipient, crypto::AgeRecipient::Parse(std::getenv("RECIPIENT")));
  std::mt19937_64 random(1);
  const Rows rows = RandomRows(&random, kRowsAtOnce);
  for (const v1::FileFormat format : WritableFormats()) {
    KPR_ASSIGN_OR_RETURN(const auto file,
                         OutputFile::Create(folder, std::string("bench") + SuffixOf(format), {recipient}));
    const auto begin = std::chrono::steady_clock::now();
    KPR_ASSIGN_OR_RETURN(const auto writer,
                         OpenWriter(format, table, count / kRowsAtOnce * kRowsAtOnce,
                                    [&](std::string_view bytes) { return file->Write(bytes); }));
    for (size_t i = 0; i < count / kRowsAtOnce; ++i) KPR_RETURN_IF_ERROR(writer->Append(rows));
    KPR_RETURN_IF_ERROR(writer->Finish());
    KPR_ASSIGN_OR_RETURN(const v1::ExtractFile described, file->Finish());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::cout << fmt::format("{}: {:.0f} rows/s, {:.1f} bytes a row\n", v1::FileFormat_Name(format),
                             static_cast<double>(count) / seconds,
                             static_cast<double>(described.bytes()) / static_cast<double>(count));
  }
  return {};
}

}  // namespace
}  // namespace kpr::extract

int main(int argc, char** argv) {
  if (argc < 2 || std::getenv("RECIPIENT") == nullptr) {
    std::cerr << "RECIPIENT=age1... extract_bench FOLDER [ROWS]\n";
    return 2;
  }
  const kpr::Status status = kpr::extract::Run(argv[1], argc > 2 ? std::stoul(argv[2]) : 4'000'000);
  if (!status.ok()) std::cerr << status.message() << '\n';
  return status.ok() ? 0 : 1;
}
