// CSV by RFC 4180 with a header line, compressed by gzip. Nothing in it needs quotes: names, numbers and
// tokens.
#include <fmt/format.h>
#include <zlib.h>

#include "base/date.h"
#include "extracts/files/codebook.h"
#include "extracts/files/table_writer.h"
#include "registry/pseudonym/project_pseudonymizer.h"

namespace kpr::extract {
namespace {

constexpr size_t kBuffer = 256 * 1024;
constexpr int kGzip = 15 + 16;  // a window of 32 KiB and the header of gzip, whose time is then zero
constexpr int kLevel = 4;

class CsvWriter : public TableWriter {
 public:
  CsvWriter(const TablePlan& table, Sink sink) : table_(table), sink_(std::move(sink)) {}
  ~CsvWriter() override { deflateEnd(&zip_); }

  Status Begin() {
    if (deflateInit2(&zip_, kLevel, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
      return Internal("zlib cannot be used");
    text_ = kPersonColumn;
    for (const Variable* variable : table_.columns) text_.append(",").append(variable->column);
    text_ += "\r\n";
    return {};
  }

  Status Append(const Rows& rows) override {
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto row = rows[i];
      AppendText(nullptr, row[0], &text_);
      for (size_t c = 1; c < row.size(); ++c) {
        text_.push_back(',');
        AppendText(table_.columns[c - 1], row[c], &text_);
      }
      text_.append("\r\n");
      if (text_.size() >= kBuffer) KPR_RETURN_IF_ERROR(Compress(Z_NO_FLUSH));
    }
    return {};
  }

  Status Finish() override { return Compress(Z_FINISH); }

 private:
  Status Compress(int flush) {
    zip_.next_in = reinterpret_cast<Bytef*>(text_.data());
    zip_.avail_in = static_cast<uInt>(text_.size());
    do {
      zipped_.resize(kBuffer);
      zip_.next_out = reinterpret_cast<Bytef*>(zipped_.data());
      zip_.avail_out = static_cast<uInt>(zipped_.size());
      if (deflate(&zip_, flush) == Z_STREAM_ERROR) return Internal("zlib cannot compress");
      const size_t made = zipped_.size() - zip_.avail_out;
      if (made > 0) KPR_RETURN_IF_ERROR(sink_(std::string_view(zipped_).substr(0, made)));
    } while (zip_.avail_out == 0);
    text_.clear();
    return {};
  }

  const TablePlan& table_;
  const Sink sink_;
  z_stream zip_{};
  std::string text_, zipped_;
};

void AppendDecimal(Value hundredths, std::string* out) {
  if (hundredths < 0) out->push_back('-');
  const Value whole = std::abs(hundredths);
  fmt::format_to(std::back_inserter(*out), "{}.{:02}", whole / 100, whole % 100);
}

}  // namespace

void AppendText(const Variable* variable, Value value, std::string* out) {
  if (variable != nullptr && value == kMissing) return;
  const auto type = variable == nullptr ? v1::VARIABLE_TYPE_TOKEN : variable->described.type();
  if (type == v1::VARIABLE_TYPE_TOKEN) {
    out->append(TokenText(UnpackToken(value)));
  } else if (type == v1::VARIABLE_TYPE_TEXT) {
    out->append(UnpackText(value));
  } else if (type == v1::VARIABLE_TYPE_DATE) {
    out->append(Date{static_cast<int32_t>(value)}.ToString());
  } else if (type == v1::VARIABLE_TYPE_DECIMAL) {
    AppendDecimal(value, out);
  } else if (AreaDigits(*variable) > 0) {
    out->append(CodeText(*variable, value));
  } else {
    out->append(fmt::format_int(value).c_str());
  }
}

Result<std::unique_ptr<TableWriter>> OpenCsv(const TablePlan& table, Sink sink) {
  auto writer = std::make_unique<CsvWriter>(table, std::move(sink));
  KPR_RETURN_IF_ERROR(writer->Begin());
  return std::unique_ptr<TableWriter>(std::move(writer));
}

}  // namespace kpr::extract
