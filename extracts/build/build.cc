#include "extracts/build/build.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"
#include "extracts/files/formats.h"
#include "extracts/files/output_file.h"
#include "extracts/files/package.h"
#include "extracts/files/table_writer.h"

namespace kpr::extract {
namespace {

class Builder {
 public:
  Builder(const TimelineSource& source, RequestPlan* plan, const BuildOptions& options, Built* built)
      : source_(source),
        plan_(plan),
        options_(options),
        built_(*built),
        parts_((options.delta_to ? 3 : 2) + (plan->request().group_rare_codes() ? 1 : 0)) {}

  Status Run() {
    if (plan_->request().group_rare_codes()) {
      KPR_RETURN_IF_ERROR(FindRareCodes(source_, plan_, options_.policy, NextPart(), &built_.grouped));
      plan_->Group(built_.grouped);
    }
    Selection selection;
    const Status selected = Select(source_, plan_, options_.policy, options_.earlier, NextPart(), &selection);
    built_.risk = selection.risk;
    built_.refused = selected.code() == Code::kFailedPrecondition;
    KPR_RETURN_IF_ERROR(selected);
    rows_ = std::move(selection.rows);
    tables_ = options_.delta_to ? DeltaTables(plan_->tables()) : plan_->tables();
    if (options_.delta_to) {
      after_ = {&source_, std::move(selection.persons), {}, plan_};
      std::sort(after_.persons.begin(), after_.persons.end());
      KPR_RETURN_IF_ERROR(CountDelta());
      KPR_RETURN_IF_ERROR(OpenOutputs());
      DeltaCounts counts;
      KPR_RETURN_IF_ERROR(ReadDelta(
          *options_.delta_to, after_, NextPart(), [&](const std::vector<Rows>& rows) { return Write(rows); },
          &counts));
      built_.persons = std::move(after_.persons);
    } else {
      KPR_RETURN_IF_ERROR(OpenOutputs());
      ContentHash contents(tables_.size());
      KPR_RETURN_IF_ERROR(
          ReadRows(source_, plan_, selection.persons, NextPart(), [&](const std::vector<Rows>& rows) {
            contents.Add(rows);
            return Write(rows);
          }));
      built_.contents = contents.Finish();
      built_.persons = std::move(selection.persons);
    }
    for (const uint64_t rows : rows_) built_.rows += rows;
    return Finish();
  }

 private:
  // One table in one format.
  struct Output {
    size_t table = 0;
    v1::FileFormat format{};
    std::string name;  // decrypted
    std::unique_ptr<OutputFile> file;
    std::unique_ptr<TableWriter> writer;
  };

  // Of the reading that is next: its share of the work.
  ReadingOptions NextPart() {
    ReadingOptions part = options_.reading;
    part.progress = [this, begin = part_++](double share) {
      options_.reading.progress((begin + share) / parts_);
    };
    return part;
  }

  Status CountDelta() {
    rows_.assign(tables_.size(), 0);
    uint64_t withdrawn = 0;
    DeltaCounts counts;
    KPR_RETURN_IF_ERROR(ReadDelta(
        *options_.delta_to, after_, NextPart(),
        [&](const std::vector<Rows>& rows) {
          for (size_t t = 0; t < rows.size(); ++t) {
            rows_[t] += rows[t].size();
            for (size_t i = 0; i < rows[t].size(); ++i) withdrawn += rows[t][i][1] == kWithdrawnRow ? 1 : 0;
          }
          return Status();
        },
        &counts));
    if (counts.before != options_.delta_to->contents)
      return FailedPrecondition(
          "the earlier extract cannot be made again as it was given, so that no delta would fit it: build a "
          "whole one");
    v1::ExtractDelta& delta = built_.delta;
    delta.set_new_persons(counts.new_persons);
    delta.set_withdrawn_persons(counts.withdrawn_persons);
    delta.set_changed_persons(counts.changed_persons);
    delta.set_withdrawn_rows(withdrawn);
    for (const uint64_t rows : rows_) delta.set_new_rows(delta.new_rows() + rows);
    delta.set_new_rows(delta.new_rows() - withdrawn);
    built_.contents = std::move(counts.after);
    return {};
  }

  Status OpenOutputs() {
    for (size_t t = 0; t < tables_.size(); ++t) {
      for (const int number : plan_->request().formats()) {
        const auto format = static_cast<v1::FileFormat>(number);
        const std::string name =
            tables_[t].table->name + (options_.delta_to ? ".delta" : "") + SuffixOf(format);
        Output output{t, format, name, nullptr, nullptr};
        KPR_ASSIGN_OR_RETURN(output.file, OutputFile::Create(options_.folder, name, options_.recipients));
        OutputFile* const file = output.file.get();
        KPR_ASSIGN_OR_RETURN(output.writer,
                             OpenWriter(format, tables_[t], rows_[t],
                                        [file](std::string_view bytes) { return file->Write(bytes); }));
        outputs_.push_back(std::move(output));
      }
    }
    return {};
  }

  Status Write(const std::vector<Rows>& rows) {
    for (const Output& output : outputs_) KPR_RETURN_IF_ERROR(output.writer->Append(rows[output.table]));
    return {};
  }

  // The files, and what goes with them.
  Status Finish() {
    Package package(plan_->request(), tables_, options_.described,
                    {options_.dummy, built_.persons.size(), built_.risk, built_.delta});
    for (Output& output : outputs_) {
      KPR_RETURN_IF_ERROR(output.writer->Finish());
      KPR_ASSIGN_OR_RETURN(v1::ExtractFile file, output.file->Finish());
      file.set_rows(rows_[output.table]);
      package.Add(output.table, output.format, output.name, file);
      built_.files.push_back(std::move(file));
    }
    for (const auto& [name, content] : package.Documents()) {
      KPR_ASSIGN_OR_RETURN(const auto file, OutputFile::Create(options_.folder, name, options_.recipients));
      KPR_RETURN_IF_ERROR(file->Write(content));
      KPR_ASSIGN_OR_RETURN(v1::ExtractFile described, file->Finish());
      built_.files.push_back(std::move(described));
    }
    return SyncFolder(options_.folder);
  }

  const TimelineSource& source_;
  RequestPlan* plan_;
  const BuildOptions& options_;
  Built& built_;
  const int parts_;  // readings
  int part_ = 0;     // of them, begun
  std::vector<TablePlan> tables_;
  std::vector<uint64_t> rows_;  // by table
  Held after_;
  std::vector<Output> outputs_;
};

}  // namespace

Status Build(const TimelineSource& source, RequestPlan* plan, const BuildOptions& options, Built* built) {
  return Builder(source, plan, options, built).Run();
}

}  // namespace kpr::extract
