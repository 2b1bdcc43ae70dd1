// Writes one table in one format, row after row, with nothing in memory but what is being written.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/status.h"
#include "extracts/rows/table_plan.h"

namespace kpr::extract {

// Takes the bytes of a file in their order.
using Sink = std::function<Status(std::string_view)>;

class TableWriter {
 public:
  virtual ~TableWriter() = default;
  virtual Status Append(const Rows& rows) = 0;
  virtual Status Finish() = 0;
};

// `rows`: how many there will be, which some formats have in front. The same rows give the same bytes.
// `table` outlives the writer.
Result<std::unique_ptr<TableWriter>> OpenCsv(const TablePlan& table, Sink sink);
Result<std::unique_ptr<TableWriter>> OpenStata(const TablePlan& table, uint64_t rows, Sink sink);
Result<std::unique_ptr<TableWriter>> OpenSpss(const TablePlan& table, uint64_t rows, Sink sink);
// Where kpr is built with Arrow (KPR_ARROW).
Result<std::unique_ptr<TableWriter>> OpenParquet(const TablePlan& table, Sink sink);
Result<std::unique_ptr<TableWriter>> OpenWriter(v1::FileFormat format, const TablePlan& table, uint64_t rows,
                                                Sink sink);

// As text: "2024-03-01", "12.50", "0301".
void AppendText(const Variable* variable, Value value, std::string* out);  // null: the person

}  // namespace kpr::extract
