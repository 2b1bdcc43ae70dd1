#include "indicators/http/compression.h"

#include <brotli/encode.h>
#include <zlib.h>

#include "indicators/http/message.h"

namespace kpr::http {
namespace {

constexpr int kBrotliQuality = 5, kBrotliWindow = 22, kGzipLevel = 6;

bool Accepts(const std::string& header, const std::string& name) {
  size_t at = 0;
  while (at < header.size()) {
    const size_t end = std::min(header.find(',', at), header.size());
    std::string item = LowerCase(header.substr(at, end - at));
    std::erase(item, ' ');
    at = end + 1;
    if (item.substr(0, item.find(';')) != name) continue;
    const size_t q = item.find(";q=");
    return q == std::string::npos || item.find_first_of("123456789", q) != std::string::npos;
  }
  return false;
}

}  // namespace

Coding CodingFor(const std::string& accept_encoding) {
  if (Accepts(accept_encoding, "br")) return Coding::kBrotli;
  return Accepts(accept_encoding, "gzip") ? Coding::kGzip : Coding::kIdentity;
}

const char* NameOf(Coding coding) {
  return coding == Coding::kBrotli ? "br" : coding == Coding::kGzip ? "gzip" : "identity";
}

std::string Compress(const std::string& body, Coding coding) {
  std::string out;
  if (coding == Coding::kBrotli) {
    size_t size = BrotliEncoderMaxCompressedSize(body.size());
    out.resize(size);
    const bool done = BrotliEncoderCompress(kBrotliQuality, kBrotliWindow, BROTLI_MODE_TEXT, body.size(),
                                            reinterpret_cast<const uint8_t*>(body.data()), &size,
                                            reinterpret_cast<uint8_t*>(out.data())) == BROTLI_TRUE;
    out.resize(done ? size : 0);
    return out;
  }
  z_stream stream{};
  // 16 + 15 bits: with a gzip header.
  if (deflateInit2(&stream, kGzipLevel, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  out.resize(deflateBound(&stream, body.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));  // zlib does not write there
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(done ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

}  // namespace kpr::http
