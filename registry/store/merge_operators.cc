#include "registry/store/merge_operators.h"

#include <string>

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

class AddCells : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const rocksdb::Slice&, const rocksdb::Slice* existing, const rocksdb::Slice& value,
             std::string* out, rocksdb::Logger*) const override {
    *out = existing == nullptr ? value.ToString()
                               : AddSlots({existing->data(), existing->size()}, {value.data(), value.size()});
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
