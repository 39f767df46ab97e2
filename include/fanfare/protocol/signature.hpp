// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/protocol/query_string.hpp"
#include "fanfare/protocol/socket_id.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What is signed in Pusher's protocol, as text; the HMAC itself is base's (protocol.md 3.3
// and 5.2).
namespace fanfare::protocol {

/// The text under a subscription's `auth`. An empty `channel_data` counts as absent.
[[nodiscard]] std::string subscription_to_sign(
    SocketId id, std::string_view channel, std::string_view channel_data
);

/// The text under a sign-in's `auth`.
[[nodiscard]] std::string signin_to_sign(SocketId id, std::string_view user_data);

/// `auth` is `{app key}:{signature}`.
struct AuthString {
    std::string_view key;
    std::string_view signature;
};

/// Both parts are empty where there is no colon.
[[nodiscard]] AuthString split_auth(std::string_view auth);

/// An HTTP API request, as far as it is signed.
struct SignedRequest {
    std::string_view method;
    std::string_view path;    ///< as received, with the prefix, without the query
    std::string_view prefix;  ///< the server's path prefix, or empty
    const QueryString& query;
    std::string_view body_md5;  ///< hex MD5 of the body, empty for an empty body
};

/// The texts that this request's `auth_signature` may be the MAC of, likeliest first, without
/// duplicates, four at most. There are several because SDKs sign the path without the prefix or
/// with it, and before or after their HTTP stack escapes it. Each covers the body.
[[nodiscard]] std::vector<std::string> request_to_sign(const SignedRequest& request);

/// The first of them, for those who hope to need no other.
[[nodiscard]] std::string likeliest_request_to_sign(const SignedRequest& request);

}  // namespace fanfare::protocol
