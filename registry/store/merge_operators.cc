#include "registry/store/merge_operators.h"

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "base/slots.h"

namespace kpr {
namespace {

class Concatenate : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const rocksdb::Slice&, const rocksdb::Slice* existing, const rocksdb::Slice& value,
             std::string* out, rocksdb::Logger*) const override {
    out->clear();
    if (existing != nullptr) out->assign(existing->data(), existing->size());
    out->append(value.data(), value.size());
    return true;
  }
  const char* Name() const override { return "kpr.concatenate"; }
};

// Small changes are added up among themselves first: a cell has many of them, and they are short beside it.
std::string SumOf(std::span<const rocksdb::Slice> parts) {
  if (parts.size() < 2) return parts.empty() ? std::string() : parts[0].ToString();
  if (parts.size() == 2)
    return AddSlots({parts[0].data(), parts[0].size()}, {parts[1].data(), parts[1].size()});
  const size_t half = parts.size() / 2;
  return AddSlots(SumOf(parts.first(half)), SumOf(parts.subspan(half)));
}

class AddCells : public rocksdb::MergeOperator {
 public:
  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    out->new_value = SumOf(in.operand_list);
    if (in.existing_value != nullptr)
      out->new_value = AddSlots({in.existing_value->data(), in.existing_value->size()}, out->new_value);
    return true;
  }
  bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>& operands, std::string* sum,
                         rocksdb::Logger*) const override {
    *sum = SumOf(std::vector(operands.begin(), operands.end()));
    return true;
  }
  const char* Name() const override { return "kpr.add_cells"; }
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> ConcatenateOperator() {
  return std::make_shared<Concatenate>();
}

std::shared_ptr<rocksdb::MergeOperator> AddCellsOperator() {
  return std::make_shared<AddCells>();
}

}  // namespace kpr
