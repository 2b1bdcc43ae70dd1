// Stata .dta (version 118) and SPSS .sav, by ReadStat: codes as numbers with labels, dates as days.
#include <fmt/format.h>
#include <readstat.h>

#include <vector>

#include "base/date.h"
#include "base/text.h"
#include "extracts/files/table_writer.h"
#include "registry/pseudonym/project_pseudonymizer.h"

namespace kpr::extract {
namespace {

constexpr size_t kTokenLetters = 16, kTextLetters = 8, kLabelBytes = 80;
// Stata counts days from 1960-01-01; SPSS seconds from 1582-10-14.
const Date kStataOrigin = Date::FromYmd(1960, 1, 1);
const Date kSpssOrigin = Date::FromYmd(1582, 10, 14);
constexpr double kSecondsOfDay = 86'400;
constexpr int kStataVersion = 118;

class ReadStatWriter : public TableWriter {
 public:
  ReadStatWriter(const TablePlan& table, bool stata, Sink sink)
      : table_(table), stata_(stata), sink_(std::move(sink)), writer_(readstat_writer_init()) {}
  ~ReadStatWriter() override { readstat_writer_free(writer_); }

  Status Begin(uint64_t rows) {
    readstat_set_data_writer(writer_, &ReadStatWriter::Take);
    readstat_writer_set_file_label(writer_, CutText(table_.table->title.nb(), kLabelBytes).c_str());
    // Of every file the same, so that the same rows give the same bytes.
    readstat_writer_set_file_timestamp(writer_, 0);
    if (stata_) readstat_writer_set_file_format_version(writer_, kStataVersion);
    AddVariable(kPersonColumn, nullptr);
    for (const Variable* variable : table_.columns) AddVariable(variable->column, variable);
    const auto count = static_cast<long>(rows);
    return Check(stata_ ? readstat_begin_writing_dta(writer_, this, count)
                        : readstat_begin_writing_sav(writer_, this, count));
  }

  Status Append(const Rows& rows) override {
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto row = rows[i];
      KPR_RETURN_IF_ERROR(Check(readstat_begin_row(writer_)));
      for (size_t c = 0; c < row.size(); ++c) {
        const Variable* variable = c == 0 ? nullptr : table_.columns[c - 1];
        KPR_RETURN_IF_ERROR(Check(Insert(columns_[c], variable, row[c])));
      }
      KPR_RETURN_IF_ERROR(Check(readstat_end_row(writer_)));
    }
    return {};
  }

  Status Finish() override { return Check(readstat_end_writing(writer_)); }

 private:
  static ssize_t Take(const void* bytes, size_t size, void* context) {
    auto* self = static_cast<ReadStatWriter*>(context);
    if (self->status_.ok()) self->status_ = self->sink_({static_cast<const char*>(bytes), size});
    return self->status_.ok() ? static_cast<ssize_t>(size) : -1;
  }

  Status Check(readstat_error_t error) {
    KPR_RETURN_IF_ERROR(status_);
    return error == READSTAT_OK ? Status()
                                : Internal(fmt::format("ReadStat: {}", readstat_error_message(error)));
  }

  void AddVariable(const std::string& name, const Variable* variable) {
    const auto type = variable == nullptr ? v1::VARIABLE_TYPE_TOKEN : variable->described.type();
    const bool text = type == v1::VARIABLE_TYPE_TOKEN || type == v1::VARIABLE_TYPE_TEXT;
    const bool whole = type == v1::VARIABLE_TYPE_CODE || type == v1::VARIABLE_TYPE_INTEGER;
    const bool integer = whole || (type == v1::VARIABLE_TYPE_DATE && stata_);
    const size_t width = type == v1::VARIABLE_TYPE_TOKEN ? kTokenLetters : kTextLetters;
    readstat_variable_t* added = readstat_add_variable(writer_, name.c_str(),
                                                       text      ? READSTAT_TYPE_STRING
                                                       : integer ? READSTAT_TYPE_INT32
                                                                 : READSTAT_TYPE_DOUBLE,
                                                       text ? width : 0);
    const std::string label =
        variable == nullptr ? "Personen, som et prosjekteget merke" : variable->described.meaning().nb();
    readstat_variable_set_label(added, CutText(label, kLabelBytes).c_str());
    if (type == v1::VARIABLE_TYPE_DATE) readstat_variable_set_format(added, stata_ ? "%td" : "SDATE10");
    if (type == v1::VARIABLE_TYPE_DECIMAL) readstat_variable_set_format(added, stata_ ? "%9.2f" : "F8.2");
    if (variable != nullptr && !variable->described.codes().empty()) AddLabels(name, *variable, added);
    columns_.push_back(added);
  }

  // A set of labels is named as its variable: sorted by code, as the catalogue has them.
  void AddLabels(const std::string& name, const Variable& variable, readstat_variable_t* column) {
    readstat_label_set_t* labels = readstat_add_label_set(writer_, READSTAT_TYPE_INT32, name.c_str());
    for (const v1::CodeLabel& code : variable.described.codes()) {
      readstat_label_int32_value(labels, static_cast<int32_t>(code.code()),
                                 CutText(code.label().nb(), kLabelBytes).c_str());
    }
    readstat_variable_set_label_set(column, labels);
  }

  readstat_error_t Insert(const readstat_variable_t* column, const Variable* variable, Value value) {
    const auto type = variable == nullptr ? v1::VARIABLE_TYPE_TOKEN : variable->described.type();
    if (variable != nullptr && value == kMissing) {
      const bool text = type == v1::VARIABLE_TYPE_TOKEN || type == v1::VARIABLE_TYPE_TEXT;
      return text ? readstat_insert_string_value(writer_, column, "")
                  : readstat_insert_missing_value(writer_, column);
    }
    if (type == v1::VARIABLE_TYPE_TOKEN)
      return readstat_insert_string_value(writer_, column, TokenText(UnpackToken(value)).c_str());
    if (type == v1::VARIABLE_TYPE_TEXT)
      return readstat_insert_string_value(writer_, column, UnpackText(value).c_str());
    if (type == v1::VARIABLE_TYPE_DECIMAL)
      return readstat_insert_double_value(writer_, column, static_cast<double>(value) / 100);
    if (type == v1::VARIABLE_TYPE_DATE) {
      if (stata_)
        return readstat_insert_int32_value(writer_, column, static_cast<int32_t>(value) - kStataOrigin.days);
      return readstat_insert_double_value(writer_, column,
                                          (static_cast<double>(value) - kSpssOrigin.days) * kSecondsOfDay);
    }
    return readstat_insert_int32_value(writer_, column, static_cast<int32_t>(value));
  }

  const TablePlan& table_;
  const bool stata_;
  const Sink sink_;
  readstat_writer_t* writer_;
  std::vector<readstat_variable_t*> columns_;
  Status status_;  // of the sink
};

Result<std::unique_ptr<TableWriter>> Open(const TablePlan& table, bool stata, uint64_t rows, Sink sink) {
  auto writer = std::make_unique<ReadStatWriter>(table, stata, std::move(sink));
  KPR_RETURN_IF_ERROR(writer->Begin(rows));
  return std::unique_ptr<TableWriter>(std::move(writer));
}

}  // namespace

Result<std::unique_ptr<TableWriter>> OpenStata(const TablePlan& table, uint64_t rows, Sink sink) {
  return Open(table, true, rows, std::move(sink));
}

Result<std::unique_ptr<TableWriter>> OpenSpss(const TablePlan& table, uint64_t rows, Sink sink) {
  return Open(table, false, rows, std::move(sink));
}

}  // namespace kpr::extract
