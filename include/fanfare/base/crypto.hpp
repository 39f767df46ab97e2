// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

// The few primitives of OpenSSL that Pusher's protocol needs. The classes keep a prepared context,
// because fetching an algorithm and scheduling a key costs several times the hash of a short string
// (docs/benchmarks.md). Not thread-safe: each shard has its own.
namespace fanfare {

using Sha256Hex = std::array<char, 64>;
using Md5Hex = std::array<char, 32>;

/// HMAC-SHA256 under one key.
class HmacSha256 {
public:
    explicit HmacSha256(std::string_view key);
    ~HmacSha256();
    HmacSha256(HmacSha256&&) noexcept;
    HmacSha256& operator=(HmacSha256&&) noexcept;

    /// Lower-case hex of the MAC of `text`.
    [[nodiscard]] Sha256Hex hex(std::string_view text);

    /// True if `signature` is exactly the lower-case hex MAC of `text`; compared in constant time.
    [[nodiscard]] bool verify(std::string_view text, std::string_view signature);

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

/// MD5, for Pusher's `body_md5` only.
class Md5 {
public:
    Md5();
    ~Md5();
    Md5(const Md5&) = delete;
    Md5& operator=(const Md5&) = delete;

    [[nodiscard]] Md5Hex hex(std::string_view text);

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

/// Compares without an early exit; only the lengths may show.
[[nodiscard]] bool is_equal_in_constant_time(std::string_view a, std::string_view b);

/// `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key` (RFC 6455 section 4.2.2).
[[nodiscard]] std::string websocket_accept(std::string_view key);

}  // namespace fanfare
