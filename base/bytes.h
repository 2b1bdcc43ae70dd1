// Byte codecs of keys and values: big-endian integers (so that keys sort as numbers), LEB128 varints with
// zigzag for signed values, and a bounds-checked reader.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kpr {

template <typename Unsigned>
void PutBigEndian(std::string* out, Unsigned value) {
  for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(value >> shift));
  }
}

inline void PutVarint(std::string* out, uint64_t value) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

inline void PutSigned(std::string* out, int64_t value) {
  PutVarint(out, (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}

// Reads past the end set failed() and give zeros, so that a decoder checks once, at its end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  bool empty() const { return rest_.empty(); }
  bool failed() const { return failed_; }
  size_t size() const { return rest_.size(); }

  template <typename Unsigned>
  Unsigned BigEndian() {
    const std::string_view bytes = Bytes(sizeof(Unsigned));
    Unsigned value = 0;
    for (char c : bytes) value = static_cast<Unsigned>(value << 8 | static_cast<uint8_t>(c));
    return value;
  }

  uint64_t Varint() {
    if (!rest_.empty() && (rest_[0] & 0x80) == 0) {  // most are
      const auto value = static_cast<uint8_t>(rest_[0]);
      rest_.remove_prefix(1);
      return value;
    }
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::string_view byte = Bytes(1);
      if (byte.empty()) return 0;
      value |= static_cast<uint64_t>(byte[0] & 0x7F) << shift;
      if ((byte[0] & 0x80) == 0) return value;
    }
    failed_ = true;
    return 0;
  }

  int64_t Signed() {
    const uint64_t value = Varint();
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
  }

  std::string_view Bytes(size_t n) {
    if (n > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace kpr
