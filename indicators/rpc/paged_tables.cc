#include "indicators/rpc/paged_tables.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/limits.h"
#include "indicators/query/position_token.h"
#include "indicators/rpc/to_proto.h"
#include "registry/codelists/edition.h"

namespace kpr {
namespace {

// Everything of a request that decides its rows, but for the position.
std::string KeyOf(v1::GetIndicatorValuesRequest request, const std::string& position) {
  request.clear_page_token();
  request.clear_page_size();
  request.clear_as_of();
  request.set_position(position);
  return request.SerializeAsString() + EditionInUse().version;
}

}  // namespace

std::string PageToken::ToString() const {
  std::string bytes;
  PutVarint(&bytes, first);
  PutVarint(&bytes, version);
  PutBigEndian(&bytes, Fnv1a(EditionInUse().version));
  return ToHex(bytes + position);
}

Result<PageToken> PageToken::Parse(const std::string& text) {
  if (text.empty()) return PageToken();
  const auto bytes = FromHex(text);
  if (!bytes) return Invalid("page_token: expected one of an earlier page, or none");
  ByteReader reader(*bytes);
  PageToken token;
  token.first = reader.Varint();
  token.version = static_cast<uint32_t>(reader.Varint());
  const uint64_t code_lists = reader.BigEndian<uint64_t>();
  token.position = std::string(reader.Bytes(reader.size()));
  if (reader.failed() || token.first == 0)
    return Invalid("page_token: expected one of an earlier page, or none");
  if (code_lists != Fnv1a(EditionInUse().version))
    return Unavailable("page_token: the code lists have changed since that page; ask again from the first");
  return token;
}

uint64_t PageSize(uint32_t asked, uint32_t standard, uint32_t most) {
  return asked == 0 ? standard : std::min(asked, most);
}

std::shared_ptr<const ResultTable> PagedTables::Kept(v1::GetIndicatorValuesRequest request,
                                                     const PageToken& token) {
  request.set_version(token.version);
  const std::string key = KeyOf(std::move(request), token.position);
  const MutexLock lock(mutex_);
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (it->key != key) continue;
    entries_.splice(entries_.begin(), entries_, it);
    return entries_.front().table;
  }
  return nullptr;
}

bool PagedTables::ReadsTimelines(const v1::GetIndicatorValuesRequest& request) {
  const auto token = PageToken::Parse(request.page_token());
  if (!token.ok()) return false;
  if (token->first != 0) return Kept(request, *token) == nullptr;
  return !request.as_of().empty() || !request.position().empty();
}

Result<std::shared_ptr<const ResultTable>> PagedTables::TableFor(v1::GetIndicatorValuesRequest request,
                                                                 const PageToken& token) {
  if (token.first != 0) {
    if (auto kept = Kept(request, token)) return kept;
    request.set_version(token.version);
    request.clear_as_of();
    request.set_position(token.position);
  }
  KPR_ASSIGN_OR_RETURN(ResultTable table, query_->Get(request));
  if (token.first != 0 && PositionToken(table.positions) != token.position)
    return Unavailable("page_token: this node is not yet where the first page was read; retry");
  return std::make_shared<const ResultTable>(std::move(table));
}

void PagedTables::Keep(std::string key, std::shared_ptr<const ResultTable> table) {
  const MutexLock lock(mutex_);
  std::erase_if(entries_, [&](const Entry& entry) { return entry.key == key; });
  entries_.push_front({std::move(key), std::move(table)});
  size_t rows = 0, kept = 0;
  for (const Entry& entry : entries_) {
    rows += entry.table->rows.size();
    if (kept == limits::kPagedTables || rows > limits::kPagedRows) break;
    ++kept;
  }
  entries_.resize(kept);
}

void PagedTables::Drop(const std::string& key) {
  const MutexLock lock(mutex_);
  std::erase_if(entries_, [&](const Entry& entry) { return entry.key == key; });
}

Result<v1::IndicatorTable> PagedTables::Page(const v1::GetIndicatorValuesRequest& request) {
  KPR_ASSIGN_OR_RETURN(const PageToken token, PageToken::Parse(request.page_token()));
  const uint64_t size = PageSize(request.page_size(), limits::kTablePage, limits::kTablePageMost);
  KPR_ASSIGN_OR_RETURN(const auto table, TableFor(request, token));
  v1::IndicatorTable page = ToProto(*table, token.first, size);
  v1::GetIndicatorValuesRequest of_version = request;
  of_version.set_version(page.version());
  std::string key = KeyOf(std::move(of_version), page.position());
  if (token.first + size < table->rows.size()) {
    page.set_next_page_token(PageToken{page.position(), page.version(), token.first + size}.ToString());
    Keep(std::move(key), table);
  } else {
    Drop(key);
  }
  return page;
}

}  // namespace kpr
