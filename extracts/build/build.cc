#include "extracts/build/build.h"

#include <fmt/format.h>

#include <algorithm>

#include "extracts/files/formats.h"
#include "extracts/files/output_file.h"
#include "extracts/files/package.h"
#include "extracts/files/table_writer.h"

namespace kpr::extract {
namespace {

constexpr size_t kPersonsAtOnce = 1024;
constexpr double kSelectingShare = 0.5;  // of the work

// One table in one format.
struct Output {
  size_t table = 0;
  v1::FileFormat format{};
  std::unique_ptr<OutputFile> file;
  std::unique_ptr<TableWriter> writer;
};

Result<std::vector<Output>> OpenOutputs(const RequestPlan& plan, const Selection& selection,
                                        const BuildOptions& options) {
  std::vector<Output> outputs;
  for (size_t t = 0; t < plan.tables().size(); ++t) {
    for (const int number : plan.request().formats()) {
      const auto format = static_cast<v1::FileFormat>(number);
      const TablePlan& table = plan.tables()[t];
      Output output{t, format, nullptr, nullptr};
      KPR_ASSIGN_OR_RETURN(
          output.file,
          OutputFile::Create(options.folder, table.table->name + SuffixOf(format), options.recipients));
      OutputFile* const file = output.file.get();
      KPR_ASSIGN_OR_RETURN(output.writer,
                           OpenWriter(format, table, selection.rows[t],
                                      [file](std::string_view bytes) { return file->Write(bytes); }));
      outputs.push_back(std::move(output));
    }
  }
  return outputs;
}

Status WriteRows(const TimelineSource& source, RequestPlan* plan, const Selection& selection,
                 const ReadingOptions& options, const std::vector<Output>& outputs) {
  std::vector<Rows> rows = plan->NoRows();
  for (size_t at = 0; at < selection.persons.size(); at += kPersonsAtOnce) {
    if (options.cancelled()) return Unavailable("interrupted; build again to continue");
    for (Rows& table : rows) table.values.clear();
    const auto begin = selection.persons.begin() + static_cast<ptrdiff_t>(at);
    const size_t count = std::min(kPersonsAtOnce, selection.persons.size() - at);
    KPR_RETURN_IF_ERROR(source.Read({begin, begin + static_cast<ptrdiff_t>(count)},
                                    [&](const SubjectId& person, const std::vector<Fact>& facts) {
                                      plan->RowsOf(person, facts, &rows);
                                      return true;
                                    }));
    for (const Output& output : outputs) KPR_RETURN_IF_ERROR(output.writer->Append(rows[output.table]));
    options.progress(static_cast<double>(at + count) / static_cast<double>(selection.persons.size()));
  }
  return {};
}

}  // namespace

Status Build(const TimelineSource& source, RequestPlan* plan, const BuildOptions& options, Built* built) {
  Selection selection;
  ReadingOptions selecting = options.reading;
  selecting.progress = [&](double share) { options.reading.progress(kSelectingShare * share); };
  const Status selected = Select(source, plan, options.policy, selecting, &selection);
  built->risk = selection.risk;
  KPR_RETURN_IF_ERROR(selected);
  KPR_ASSIGN_OR_RETURN(std::vector<Output> outputs, OpenOutputs(*plan, selection, options));
  ReadingOptions writing = options.reading;
  writing.progress = [&](double share) {
    options.reading.progress(kSelectingShare + (1 - kSelectingShare) * share);
  };
  KPR_RETURN_IF_ERROR(WriteRows(source, plan, selection, writing, outputs));
  Package package(plan->request(), plan->tables(), options.described, options.dummy);
  for (Output& output : outputs) {
    KPR_RETURN_IF_ERROR(output.writer->Finish());
    KPR_ASSIGN_OR_RETURN(v1::ExtractFile file, output.file->Finish());
    file.set_rows(selection.rows[output.table]);
    package.Add(output.table, output.format, file);
    built->files.push_back(std::move(file));
  }
  package.SetCounts(selection.persons.size(), selection.risk);
  for (const auto& [name, content] : package.Documents()) {
    KPR_ASSIGN_OR_RETURN(const auto file, OutputFile::Create(options.folder, name, options.recipients));
    KPR_RETURN_IF_ERROR(file->Write(content));
    KPR_ASSIGN_OR_RETURN(v1::ExtractFile described, file->Finish());
    built->files.push_back(std::move(described));
  }
  for (const uint64_t rows : selection.rows) built->rows += rows;
  built->persons = std::move(selection.persons);
  return {};
}

}  // namespace kpr::extract
