// SPDX-License-Identifier: MIT
#include "fanfare/base/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstddef>
#include <stdexcept>

namespace fanfare {

namespace {

template <std::size_t Bytes>
std::array<char, Bytes * 2> to_hex(const std::array<unsigned char, Bytes>& bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::array<char, Bytes * 2> text{};
    for (std::size_t i = 0; i < Bytes; ++i) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 0xf];
    }
    return text;
}

const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// OpenSSL fails here only for want of memory or of its provider: nothing a caller could mend.
void require(bool ok) {
    if (!ok) throw std::runtime_error("OpenSSL failed to compute a digest");
}

}  // namespace

struct HmacSha256::Context {
    EVP_MAC_CTX* mac = nullptr;

    ~Context() { EVP_MAC_CTX_free(mac); }
};

HmacSha256::HmacSha256(std::string_view key) : context_(std::make_unique<Context>()) {
    EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    require(algorithm != nullptr);
    context_->mac = EVP_MAC_CTX_new(algorithm);
    EVP_MAC_free(algorithm);
    require(context_->mac != nullptr);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    // An empty key is legal for HMAC, but OpenSSL takes a null pointer for "keep the old key".
    require(
        EVP_MAC_init(context_->mac, as_bytes(key.empty() ? "" : key), key.size(), parameters) == 1
    );
}

HmacSha256::~HmacSha256() = default;
HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;

Sha256Hex HmacSha256::hex(std::string_view text) {
    std::array<unsigned char, 32> mac{};
    std::size_t size = 0;
    require(
        EVP_MAC_init(context_->mac, nullptr, 0, nullptr) == 1 &&
        EVP_MAC_update(context_->mac, as_bytes(text), text.size()) == 1 &&
        EVP_MAC_final(context_->mac, mac.data(), &size, mac.size()) == 1
    );
    return to_hex(mac);
}

bool HmacSha256::verify(std::string_view text, std::string_view signature) {
    const Sha256Hex expected = hex(text);
    return is_equal_in_constant_time({expected.data(), expected.size()}, signature);
}

struct Md5::Context {
    EVP_MD* algorithm = EVP_MD_fetch(nullptr, "MD5", nullptr);
    EVP_MD_CTX* digest = EVP_MD_CTX_new();

    ~Context() {
        EVP_MD_CTX_free(digest);
        EVP_MD_free(algorithm);
    }
};

Md5::Md5() : context_(std::make_unique<Context>()) {
    require(context_->algorithm != nullptr && context_->digest != nullptr);
}

Md5::~Md5() = default;

Md5Hex Md5::hex(std::string_view text) {
    std::array<unsigned char, 16> digest{};
    require(
        EVP_DigestInit_ex2(context_->digest, context_->algorithm, nullptr) == 1 &&
        EVP_DigestUpdate(context_->digest, text.data(), text.size()) == 1 &&
        EVP_DigestFinal_ex(context_->digest, digest.data(), nullptr) == 1
    );
    return to_hex(digest);
}

bool is_equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string websocket_accept(std::string_view key) {
    std::string input(key);
    input += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, 20> digest{};
    require(
        EVP_Digest(input.data(), input.size(), digest.data(), nullptr, EVP_sha1(), nullptr) == 1
    );
    std::array<unsigned char, 29> text{};
    const int size = EVP_EncodeBlock(text.data(), digest.data(), digest.size());
    return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)};
}

}  // namespace fanfare
