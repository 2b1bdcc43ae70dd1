#include "base/crypto/age.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>

#include <algorithm>
#include <cstring>

#include "base/crypto/hash.h"

namespace kpr::crypto {
namespace {

constexpr size_t kKey = 32, kFileKey = 16, kChunk = 64 * 1024, kTag = 16, kNonce = 12, kPayloadNonce = 16;
using Key = std::array<uint8_t, kKey>;

const uint8_t* Octets(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string_view View(const Key& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

// Without padding, as the format has it.
std::string Base64(std::string_view bytes) {
  std::string text = ToBase64(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

Result<Key> Hkdf(std::string_view secret, std::string_view salt, std::string_view info) {
  Key key;
  size_t size = key.size();
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr);
  const bool made =
      context != nullptr && EVP_PKEY_derive_init(context) == 1 &&
      EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1 &&
      EVP_PKEY_CTX_set1_hkdf_salt(context, Octets(salt), static_cast<int>(salt.size())) == 1 &&
      EVP_PKEY_CTX_set1_hkdf_key(context, Octets(secret), static_cast<int>(secret.size())) == 1 &&
      EVP_PKEY_CTX_add1_hkdf_info(context, Octets(info), static_cast<int>(info.size())) == 1 &&
      EVP_PKEY_derive(context, key.data(), &size) == 1;
  EVP_PKEY_CTX_free(context);
  if (!made) return Internal("OpenSSL has no HKDF");
  return key;
}

// ChaCha20-Poly1305; the tag behind.
Status SealChunk(EVP_CIPHER_CTX* context, const Key& key, const std::array<uint8_t, kNonce>& nonce,
                 std::string_view plain, std::string* out) {
  const size_t begin = out->size();
  out->resize(begin + plain.size() + kTag);
  auto* to = reinterpret_cast<uint8_t*>(out->data() + begin);
  int size = 0, end = 0;
  const bool sealed =
      EVP_EncryptInit_ex(context, EVP_chacha20_poly1305(), nullptr, key.data(), nonce.data()) == 1 &&
      EVP_EncryptUpdate(context, to, &size, Octets(plain), static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context, to + size, &end) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTag, to + plain.size()) == 1;
  return sealed ? Status() : Internal("OpenSSL has no ChaCha20-Poly1305");
}

struct PkeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Pkey = std::unique_ptr<EVP_PKEY, PkeyFree>;

// What both sides of a key exchange get; kInvalid: of a key that gives nothing away but zeros.
Result<Key> Exchange(EVP_PKEY* own, const Key& other) {
  const Pkey peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, other.data(), other.size()));
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(own, nullptr);
  Key shared{};
  size_t size = shared.size();
  const bool made = peer != nullptr && context != nullptr && EVP_PKEY_derive_init(context) == 1 &&
                    EVP_PKEY_derive_set_peer(context, peer.get()) == 1 &&
                    EVP_PKEY_derive(context, shared.data(), &size) == 1;
  EVP_PKEY_CTX_free(context);
  if (!made || shared == Key{}) return Invalid("recipient: not a key that can be encrypted to");
  return shared;
}

// The lines of the header by which one recipient gets the file's key.
Status AddStanza(const AgeRecipient& recipient, std::string_view file_key, std::string* header) {
  const Pkey own(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
  Key share;
  size_t size = share.size();
  if (own == nullptr || EVP_PKEY_get_raw_public_key(own.get(), share.data(), &size) != 1)
    return Internal("OpenSSL has no X25519");
  KPR_ASSIGN_OR_RETURN(const Key shared, Exchange(own.get(), recipient.key));
  const std::string salt = std::string(View(share)).append(View(recipient.key));
  KPR_ASSIGN_OR_RETURN(const Key wrap, Hkdf(View(shared), salt, "age-encryption.org/v1/X25519"));
  std::string body;
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  const Status sealed = SealChunk(context, wrap, {}, file_key, &body);
  EVP_CIPHER_CTX_free(context);
  KPR_RETURN_IF_ERROR(sealed);
  header->append("-> X25519 ").append(Base64(View(share))).append("\n").append(Base64(body)).append("\n");
  return {};
}

// The values of the letters of bech32 (BIP 173).
constexpr std::string_view kBech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

uint32_t Polymod(const std::vector<uint8_t>& values) {
  constexpr std::array<uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
  uint32_t sum = 1;
  for (const uint8_t value : values) {
    const uint32_t top = sum >> 25;
    sum = (sum & 0x1ffffff) << 5 ^ value;
    for (size_t i = 0; i < kGenerator.size(); ++i) {
      if ((top >> i & 1) != 0) sum ^= kGenerator[i];
    }
  }
  return sum;
}

bool DecodeRecipient(std::string_view text, Key* key) {
  constexpr std::string_view kPrefix = "age1";
  constexpr size_t kChecksum = 6, kData = 52;  // 32 bytes in groups of five bits
  if (!text.starts_with(kPrefix) || text.size() != kPrefix.size() + kData + kChecksum) return false;
  std::vector<uint8_t> values = {'a' >> 5, 'g' >> 5, 'e' >> 5, 0, 'a' & 31, 'g' & 31, 'e' & 31};
  const size_t begin = values.size();
  for (const char c : text.substr(kPrefix.size())) {
    const size_t value = kBech32.find(c);
    if (value == std::string_view::npos) return false;
    values.push_back(static_cast<uint8_t>(value));
  }
  if (Polymod(values) != 1) return false;
  uint32_t bits = 0, count = 0;
  size_t at = 0;
  for (size_t i = begin; i < begin + kData; ++i) {
    bits = bits << 5 | values[i];
    count += 5;
    if (count < 8) continue;
    count -= 8;
    (*key)[at++] = static_cast<uint8_t>(bits >> count & 0xff);
    bits &= (1u << count) - 1;
  }
  return bits == 0;
}

}  // namespace

Result<AgeRecipient> AgeRecipient::Parse(std::string_view text) {
  AgeRecipient recipient;
  if (DecodeRecipient(text, &recipient.key)) return recipient;
  if (text.starts_with("AGE-SECRET-KEY-"))
    return Invalid("a secret key: keep it, and give the public one, which 'age-keygen -y' prints");
  return Invalid("expected an age public key, age1 and 58 letters and digits");
}

struct AgeEncryptor::Stream {
  Key key{};
  std::array<uint8_t, kNonce> nonce{};  // eleven bytes of a counter, and whether it is the last
  std::string waiting;                  // less than a chunk, or a whole one that may be the last
  EVP_CIPHER_CTX* context = nullptr;

  ~Stream() {
    EVP_CIPHER_CTX_free(context);
    OPENSSL_cleanse(key.data(), key.size());
  }
  void Count() {
    for (size_t i = kNonce - 1; i-- > 0;) {
      if (++nonce[i] != 0) break;
    }
  }
};

AgeEncryptor::AgeEncryptor(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}
AgeEncryptor::AgeEncryptor(AgeEncryptor&&) noexcept = default;
AgeEncryptor& AgeEncryptor::operator=(AgeEncryptor&&) noexcept = default;
AgeEncryptor::~AgeEncryptor() = default;

Result<AgeEncryptor> AgeEncryptor::Begin(const std::vector<AgeRecipient>& recipients, std::string* out) {
  if (recipients.empty()) return Invalid("no recipient");
  KPR_ASSIGN_OR_RETURN(const std::string file_key, RandomBytes(kFileKey));
  KPR_ASSIGN_OR_RETURN(const std::string nonce, RandomBytes(kPayloadNonce));
  std::string header = "age-encryption.org/v1\n";
  for (const AgeRecipient& recipient : recipients)
    KPR_RETURN_IF_ERROR(AddStanza(recipient, file_key, &header));
  header += "---";
  KPR_ASSIGN_OR_RETURN(const Key mac_key, Hkdf(file_key, "", "header"));
  uint8_t mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), mac_key.data(), static_cast<int>(mac_key.size()), Octets(header), header.size(), mac,
           &size) == nullptr) {
    return Internal("OpenSSL has no HMAC-SHA-256");
  }
  out->append(header)
      .append(" ")
      .append(Base64({reinterpret_cast<const char*>(mac), size}))
      .append("\n")
      .append(nonce);
  auto stream = std::make_unique<Stream>();
  stream->context = EVP_CIPHER_CTX_new();
  KPR_ASSIGN_OR_RETURN(stream->key, Hkdf(file_key, nonce, "payload"));
  return AgeEncryptor(std::move(stream));
}

Status AgeEncryptor::Write(std::string_view plain, std::string* out) {
  Stream& s = *stream_;
  while (!plain.empty()) {
    if (s.waiting.size() == kChunk) {  // there is more: it is not the last
      KPR_RETURN_IF_ERROR(SealChunk(s.context, s.key, s.nonce, s.waiting, out));
      s.waiting.clear();
      s.Count();
    }
    const size_t taken = std::min(plain.size(), kChunk - s.waiting.size());
    s.waiting.append(plain.substr(0, taken));
    plain.remove_prefix(taken);
  }
  return {};
}

Status AgeEncryptor::Finish(std::string* out) {
  stream_->nonce.back() = 1;
  return SealChunk(stream_->context, stream_->key, stream_->nonce, stream_->waiting, out);
}

}  // namespace kpr::crypto
