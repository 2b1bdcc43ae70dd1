#include "registry/store/chain_store.h"

#include <atomic>

#include "base/bytes.h"
#include "registry/store/rocks.h"

namespace kpr {
namespace {

// Sender names hold no control characters.
constexpr char kChainPositionKey[] = "\001position", kChainFormatKey[] = "\001format";
// Rises when stored bytes mean something else than before (docs/formats.md).
constexpr char kChainFormat[] = "2";

class RocksChainStore : public ChainStore {
 public:
  ~RocksChainStore() override {
    if (db_) db_->Close();
  }

  // A store that is damaged or of another format is emptied: the log fills it again.
  Status Open(const std::string& directory) {
    const rocksdb::Options options(StoreOptions(), FamilyOptions(nullptr));
    Result<std::string> format = std::string();
    Status opened = OpenDatabase(options, directory);
    if (opened.ok()) {
      format = Get(kChainFormatKey);
      opened = format.status();
    }
    if (!opened.ok() && opened.code() != Code::kDataLoss) return opened;
    if (!opened.ok() || *format != kChainFormat) {
      if (db_) db_->Close();
      db_.reset();
      KPR_RETURN_IF_ERROR(FromRocks(rocksdb::DestroyDB(directory, options), "empty chains " + directory));
      KPR_RETURN_IF_ERROR(OpenDatabase(options, directory));
      KPR_RETURN_IF_ERROR(FromRocks(db_->Put({}, kChainFormatKey, kChainFormat), "write chains"));
    }
    std::string position;
    const rocksdb::Status status = db_->Get({}, kChainPositionKey, &position);
    if (status.IsNotFound()) return {};
    KPR_RETURN_IF_ERROR(FromRocks(status, "read chains"));
    next_offset_ = ByteReader(position).Varint();
    return {};
  }

  Status Write(const std::vector<KeyValue>& puts, uint64_t next_offset) override {
    rocksdb::WriteBatch batch;
    for (const auto& [key, value] : puts) batch.Put(key, value);
    std::string position;
    PutVarint(&position, next_offset);
    batch.Put(kChainPositionKey, position);
    KPR_RETURN_IF_ERROR(FromRocks(db_->Write({}, &batch), "write chains"));
    next_offset_ = next_offset;
    return {};
  }

  Result<std::string> Get(std::string_view sender) const override {
    std::string value;
    const rocksdb::Status status = db_->Get({}, rocksdb::Slice(sender.data(), sender.size()), &value);
    if (!status.ok() && !status.IsNotFound()) return FromRocks(status, "read chain");
    return value;
  }

  Status Scan(const ScanFunction& f) const override {
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      if (it->key()[0] == kChainPositionKey[0]) continue;
      if (!f(View(it->key()), View(it->value()))) return {};
    }
    return FromRocks(it->status(), "scan chains");
  }

  uint64_t next_offset() const override { return next_offset_; }

 private:
  Status OpenDatabase(const rocksdb::Options& options, const std::string& directory) {
    rocksdb::DB* db = nullptr;
    KPR_RETURN_IF_ERROR(FromRocks(rocksdb::DB::Open(options, directory, &db), "open chains " + directory));
    db_.reset(db);
    return {};
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::atomic<uint64_t> next_offset_ = 0;
};

}  // namespace

Result<std::unique_ptr<ChainStore>> OpenChainStore(const std::string& directory) {
  auto store = std::make_unique<RocksChainStore>();
  if (Status status = store->Open(directory); !status.ok()) return status;
  return std::unique_ptr<ChainStore>(std::move(store));
}

}  // namespace kpr
