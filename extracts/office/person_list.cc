#include "extracts/office/person_list.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "base/crypto/hash.h"
#include "base/files.h"

namespace kpr::extract {
namespace {

constexpr unsigned kOwnersAlone = 0600;
constexpr size_t kIdBytes = sizeof(SubjectId);
constexpr uint64_t kPiece = 256;  // identities

Status Torn(const std::string& path) {
  return DataLoss(path + ": has not whole identities; restore it from a backup");
}

Status CannotRead(const std::string& path) {
  return Unavailable(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
}

// The part of an identity that is spread evenly: behind its kind.
double PlaceOf(const SubjectId& person) {
  const std::string_view bytes = person.view();
  uint64_t place = 0;
  for (size_t i = 1; i <= sizeof place; ++i) place = place << 8 | static_cast<uint8_t>(bytes[i]);
  return static_cast<double>(place);
}

std::vector<SubjectId> Identities(std::string_view bytes) {
  std::vector<SubjectId> persons;
  persons.reserve(bytes.size() / kIdBytes);
  for (size_t at = 0; at + kIdBytes <= bytes.size(); at += kIdBytes)
    persons.push_back(SubjectId::FromView(bytes.substr(at, kIdBytes)));
  return persons;
}

class OpenList {
 public:
  explicit OpenList(const std::string& path) : path_(path), file_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  OpenList(const OpenList&) = delete;
  OpenList& operator=(const OpenList&) = delete;
  ~OpenList() {
    if (file_ >= 0) close(file_);
  }

  Result<uint64_t> Count() const {
    if (file_ < 0 && errno == ENOENT) return NotFound(path_ + ": there is no such file");
    struct stat about {};
    if (file_ < 0 || fstat(file_, &about) != 0) return CannotRead(path_);
    if (!S_ISREG(about.st_mode)) return Unavailable(path_ + ": is no file");
    const auto bytes = static_cast<uint64_t>(about.st_size);
    return bytes % kIdBytes == 0 ? Result<uint64_t>(bytes / kIdBytes) : Torn(path_);
  }

  Result<bool> Has(const SubjectId& person) const {
    // Those before `low` are smaller, those from `high` on are larger.
    uint64_t low = 0;
    KPR_ASSIGN_OR_RETURN(uint64_t high, Count());
    double first = 0, last = std::exp2(64);
    while (low < high) {
      const uint64_t count = std::min(kPiece, high - low);
      const double share = last > first ? (PlaceOf(person) - first) / (last - first) : 0;
      const double guess = static_cast<double>(low) + share * static_cast<double>(high - low);
      const double begin = std::clamp(guess - static_cast<double>(count) / 2, static_cast<double>(low),
                                      static_cast<double>(high - count));
      const auto at = static_cast<uint64_t>(begin);
      KPR_ASSIGN_OR_RETURN(const auto piece, Read(at, count));
      if (person < piece.front()) {
        high = at;
        last = PlaceOf(piece.front());
      } else if (piece.back() < person) {
        low = at + count;
        first = PlaceOf(piece.back());
      } else {
        return std::binary_search(piece.begin(), piece.end(), person);
      }
    }
    return false;
  }

 private:
  Result<std::vector<SubjectId>> Read(uint64_t at, uint64_t count) const {
    std::string bytes(count * kIdBytes, '\0');
    const ssize_t read = pread(file_, bytes.data(), bytes.size(), static_cast<off_t>(at * kIdBytes));
    if (read < 0) return CannotRead(path_);
    if (static_cast<size_t>(read) != bytes.size()) return Torn(path_);
    return Identities(bytes);
  }

  const std::string& path_;
  const int file_;
};

}  // namespace

Result<std::string> WritePersonList(const std::string& path, std::vector<SubjectId> persons) {
  std::sort(persons.begin(), persons.end());
  std::string list;
  list.reserve(persons.size() * kIdBytes);
  for (const SubjectId& person : persons) list.append(person.view());
  KPR_RETURN_IF_ERROR(WriteFileDurably(path, list, kOwnersAlone));
  return crypto::Sha256(list);
}

Result<std::vector<SubjectId>> ReadPersonList(const std::string& path) {
  KPR_ASSIGN_OR_RETURN(const std::string list, ReadFile(path));
  if (list.size() % kIdBytes != 0) return Torn(path);
  return Identities(list);
}

Result<uint64_t> CountPersonList(const std::string& path) {
  return OpenList(path).Count();
}

Result<bool> PersonListHas(const std::string& path, const SubjectId& person) {
  return OpenList(path).Has(person);
}

}  // namespace kpr::extract
