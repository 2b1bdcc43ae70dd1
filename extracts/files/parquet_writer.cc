// Parquet by Arrow: codes as integers, dates as dates, areas and tokens as text. Row groups of a fixed size
// and no schema of Arrow's own, so that the same rows give the same bytes.
#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>

#include "extracts/files/codebook.h"
#include "extracts/files/table_writer.h"

namespace kpr::extract {
namespace {

constexpr int64_t kRowsOfGroup = 131'072;
constexpr int kCompression = 3;

Status FromArrow(const arrow::Status& status) {
  return status.ok() ? Status() : Internal("Parquet: " + status.ToString());
}

// Gives on what Arrow writes, byte after byte.
class SinkStream : public arrow::io::OutputStream {
 public:
  explicit SinkStream(Sink sink) : sink_(std::move(sink)) {}

  arrow::Status Write(const void* bytes, int64_t size) override {
    failure_ = sink_({static_cast<const char*>(bytes), static_cast<size_t>(size)});
    written_ += size;
    return failure_.ok() ? arrow::Status::OK() : arrow::Status::IOError(failure_.message());
  }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> Tell() const override { return written_; }
  bool closed() const override { return closed_; }
  const Status& failure() const { return failure_; }

 private:
  const Sink sink_;
  Status failure_;
  int64_t written_ = 0;
  bool closed_ = false;
};

bool IsText(const Variable* variable) {
  if (variable == nullptr || AreaDigits(*variable) > 0) return true;
  const auto type = variable->described.type();
  return type == v1::VARIABLE_TYPE_TOKEN || type == v1::VARIABLE_TYPE_TEXT;
}

std::shared_ptr<arrow::DataType> TypeOf(const Variable* variable) {
  if (IsText(variable)) return arrow::utf8();
  const auto type = variable->described.type();
  if (type == v1::VARIABLE_TYPE_DATE) return arrow::date32();
  return type == v1::VARIABLE_TYPE_DECIMAL ? arrow::float64() : arrow::int32();
}

class ParquetWriter : public TableWriter {
 public:
  ParquetWriter(const TablePlan& table, Sink sink)
      : table_(table), stream_(std::make_shared<SinkStream>(std::move(sink))) {}

  Status Begin() {
    arrow::FieldVector fields{arrow::field(kPersonColumn, arrow::utf8(), false)};
    for (const Variable* variable : table_.columns)
      fields.push_back(arrow::field(variable->column, TypeOf(variable)));
    schema_ =
        arrow::schema(std::move(fields), arrow::key_value_metadata({"codebook"}, {CodebookJson({table_})}));
    KPR_RETURN_IF_ERROR(FromArrow(
        arrow::RecordBatchBuilder::Make(schema_, arrow::default_memory_pool(), kRowsOfGroup).Value(&batch_)));
    const auto properties = parquet::WriterProperties::Builder()
                                .compression(parquet::Compression::ZSTD)
                                ->compression_level(kCompression)
                                ->max_row_group_length(kRowsOfGroup)
                                ->build();
    return FromArrow(parquet::arrow::FileWriter::Open(*schema_, arrow::default_memory_pool(), stream_,
                                                      properties,
                                                      parquet::ArrowWriterProperties::Builder().build())
                         .Value(&writer_));
  }

  Status Append(const Rows& rows) override {
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto row = rows[i];
      for (size_t c = 0; c < row.size(); ++c) {
        const arrow::Status added =
            AppendValue(static_cast<int>(c), c == 0 ? nullptr : table_.columns[c - 1], row[c]);
        KPR_RETURN_IF_ERROR(FromArrow(added));
      }
      if (++waiting_ == kRowsOfGroup) KPR_RETURN_IF_ERROR(WriteGroup());
    }
    return {};
  }

  Status Finish() override {
    if (waiting_ > 0) KPR_RETURN_IF_ERROR(WriteGroup());
    return Told(writer_->Close());
  }

 private:
  // What the sink said, where it is that which failed.
  Status Told(const arrow::Status& status) const {
    return status.ok() || stream_->failure().ok() ? FromArrow(status) : stream_->failure();
  }

  Status WriteGroup() {
    std::shared_ptr<arrow::RecordBatch> group;
    KPR_RETURN_IF_ERROR(FromArrow(batch_->Flush().Value(&group)));
    waiting_ = 0;
    const auto table = arrow::Table::FromRecordBatches(schema_, {group});
    if (!table.ok()) return FromArrow(table.status());
    return Told(writer_->WriteTable(**table, kRowsOfGroup));
  }

  arrow::Status AppendValue(int column, const Variable* variable, Value value) {
    if (variable != nullptr && value == kMissing) return batch_->GetField(column)->AppendNull();
    if (IsText(variable)) {
      text_.clear();
      AppendText(variable, value, &text_);
      return batch_->GetFieldAs<arrow::StringBuilder>(column)->Append(text_);
    }
    const auto type = variable->described.type();
    if (type == v1::VARIABLE_TYPE_DATE)
      return batch_->GetFieldAs<arrow::Date32Builder>(column)->Append(static_cast<int32_t>(value));
    if (type == v1::VARIABLE_TYPE_DECIMAL)
      return batch_->GetFieldAs<arrow::DoubleBuilder>(column)->Append(static_cast<double>(value) / 100);
    return batch_->GetFieldAs<arrow::Int32Builder>(column)->Append(static_cast<int32_t>(value));
  }

  const TablePlan& table_;
  const std::shared_ptr<SinkStream> stream_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<arrow::RecordBatchBuilder> batch_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  int64_t waiting_ = 0;
  std::string text_;
};

}  // namespace

Result<std::unique_ptr<TableWriter>> OpenParquet(const TablePlan& table, Sink sink) {
  auto writer = std::make_unique<ParquetWriter>(table, std::move(sink));
  KPR_RETURN_IF_ERROR(writer->Begin());
  return std::unique_ptr<TableWriter>(std::move(writer));
}

}  // namespace kpr::extract
