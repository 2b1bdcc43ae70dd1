#include "registry/pseudonym/keyed_hash.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/ids.h"

namespace kpr {

struct KeyedHash::Key {
  EVP_MAC* mac = nullptr;
  EVP_MAC_CTX* ready = nullptr;  // keyed; copied for each use
  ~Key() {
    EVP_MAC_CTX_free(ready);
    EVP_MAC_free(mac);
  }
};

KeyedHash::KeyedHash(std::unique_ptr<Key> key) : key_(std::move(key)) {}
KeyedHash::KeyedHash(KeyedHash&&) noexcept = default;
KeyedHash& KeyedHash::operator=(KeyedHash&&) noexcept = default;
KeyedHash::~KeyedHash() = default;

Result<KeyedHash> KeyedHash::Create(std::string_view bytes) {
  if (bytes.size() < 32) return Invalid("a key needs at least 32 bytes");
  auto key = std::make_unique<Key>();
  key->mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  key->ready = key->mac == nullptr ? nullptr : EVP_MAC_CTX_new(key->mac);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                               OSSL_PARAM_construct_end()};
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (key->ready == nullptr || EVP_MAC_init(key->ready, data, bytes.size(), params) != 1) {
    return Internal("OpenSSL has no HMAC-SHA-256");
  }
  return KeyedHash(std::move(key));
}

KeyedHash::Digest KeyedHash::Of(std::string_view message) const {
  Digest digest;
  size_t size = 0;
  // Copying a keyed context is a third of the price of keying a new one; the copies stay on their thread.
  EVP_MAC_CTX* context = EVP_MAC_CTX_dup(key_->ready);
  EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(message.data()), message.size());
  EVP_MAC_final(context, digest.data(), &size, digest.size());
  EVP_MAC_CTX_free(context);
  return digest;
}

Result<std::string> ReadKeyFile(const std::string& path) {
  struct stat stats {};
  if (stat(path.c_str(), &stats) != 0) return NotFound(fmt::format("{}: {}", path, std::strerror(errno)));
  if ((stats.st_mode & 077) != 0)
    return FailedPrecondition(
        fmt::format("{}: others can read it; chmod 600 it, or make another if they have", path));
  std::ifstream in(path);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return Unavailable(fmt::format("{}: cannot be read", path));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::optional<std::string> bytes = FromHex(text);
  OPENSSL_cleanse(text.data(), text.size());
  if (!bytes)
    return Invalid(fmt::format("{}: expected hexadecimal digits on one line and nothing else", path));
  return std::move(*bytes);
}

void ClearKey(std::string* key) {
  OPENSSL_cleanse(key->data(), key->size());
}

Status MakeKeyFile(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (file < 0) {
    return errno == EEXIST ? Status() : Unavailable(fmt::format("{}: {}", path, std::strerror(errno)));
  }
  unsigned char bytes[32];
  if (RAND_bytes(bytes, sizeof bytes) != 1) {
    close(file);
    return Internal("no random bytes");
  }
  const std::string text = ToHex({reinterpret_cast<char*>(bytes), sizeof bytes}) + "\n";
  OPENSSL_cleanse(bytes, sizeof bytes);
  const bool written =
      write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  close(file);
  return written ? Status() : Unavailable(fmt::format("{}: cannot be written", path));
}

}  // namespace kpr
