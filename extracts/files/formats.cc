#include "extracts/files/formats.h"

#include "extracts/files/table_writer.h"

namespace kpr::extract {
namespace {

constexpr v1::FileFormat kWritable[] = {v1::FILE_FORMAT_CSV, v1::FILE_FORMAT_STATA, v1::FILE_FORMAT_SPSS,
#ifdef KPR_HAS_ARROW
                                        v1::FILE_FORMAT_PARQUET
#endif
};

}  // namespace

std::span<const v1::FileFormat> WritableFormats() {
  return kWritable;
}

const char* SuffixOf(v1::FileFormat format) {
  if (format == v1::FILE_FORMAT_STATA) return ".dta";
  if (format == v1::FILE_FORMAT_SPSS) return ".sav";
  if (format == v1::FILE_FORMAT_PARQUET) return ".parquet";
  return ".csv.gz";
}

Result<std::unique_ptr<TableWriter>> OpenWriter(v1::FileFormat format, const TablePlan& table, uint64_t rows,
                                                Sink sink) {
  if (format == v1::FILE_FORMAT_CSV) return OpenCsv(table, std::move(sink));
  if (format == v1::FILE_FORMAT_STATA) return OpenStata(table, rows, std::move(sink));
  if (format == v1::FILE_FORMAT_SPSS) return OpenSpss(table, rows, std::move(sink));
#ifdef KPR_HAS_ARROW
  if (format == v1::FILE_FORMAT_PARQUET) return OpenParquet(table, std::move(sink));
#endif
  return Invalid("not a format that can be written here");
}

}  // namespace kpr::extract
