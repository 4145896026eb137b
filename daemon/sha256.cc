#include "daemon/sha256.h"

#include <openssl/evp.h>

#include "ledger/check.h"

namespace purser {
namespace {

// Fetched once for the process: OpenSSL 3 otherwise searches its providers at every digest.
const EVP_MD* Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  PURSER_CHECK(algorithm != nullptr, "OpenSSL offers SHA-256");
  return algorithm;
}

class Context {
 public:
  Context() : context_(EVP_MD_CTX_new()) {
    PURSER_CHECK(context_ != nullptr, "OpenSSL has memory for a digest");
  }
  ~Context() { EVP_MD_CTX_free(context_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  EVP_MD_CTX* get() const { return context_; }

 private:
  EVP_MD_CTX* const context_;
};

}  // namespace

std::array<uint8_t, 32> Sha256(std::string_view a, std::string_view b) {
  thread_local const Context context;
  std::array<uint8_t, 32> digest{};
  unsigned length = 0;
  const bool done = EVP_DigestInit_ex2(context.get(), Algorithm(), nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), a.data(), a.size()) == 1 &&
                    EVP_DigestUpdate(context.get(), b.data(), b.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), digest.data(), &length) == 1;
  PURSER_CHECK(done && length == digest.size(), "a digest of bytes in memory cannot fail");
  return digest;
}

std::string Hex(const std::array<uint8_t, 32>& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const uint8_t byte : digest) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

}  // namespace purser
