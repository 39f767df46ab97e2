// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/apps/app.hpp"
#include "fanfare/base/counters.hpp"
#include "fanfare/base/crypto.hpp"
#include "fanfare/protocol/query_string.hpp"
#include "fanfare/transport/http.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace fanfare::api {

/// Verifies signed requests (protocol.md 5.2). One per shard: it keeps a prepared digest.
class Authentication {
public:
    /// `prefix` is the server's path prefix; a `tolerance` of zero accepts any timestamp.
    Authentication(std::string_view prefix, std::chrono::seconds tolerance)
        : prefix_(prefix), tolerance_(tolerance) {}

    /// Which part of a signature is wrong.
    struct Fault {
        Counter cause;
        std::string text;  ///< a sentence for the developer who sent the request
    };

    /// What is wrong with the request; nothing if it is signed by `app`. Never tells the right
    /// signature.
    [[nodiscard]] std::optional<Fault> find_fault(
        apps::App& app,
        const transport::HttpRequest& request,
        const protocol::QueryString& query,
        std::chrono::milliseconds unix_time
    );

    /// The text whose signature was expected, for the log.
    [[nodiscard]] std::string text_to_sign(
        const transport::HttpRequest& request, const protocol::QueryString& query
    );

private:
    [[nodiscard]] std::optional<Fault> find_time_fault(
        const protocol::QueryString& query, std::chrono::milliseconds unix_time
    ) const;
    [[nodiscard]] std::string body_md5(std::string_view body);

    std::string prefix_;
    std::chrono::seconds tolerance_;
    Md5 md5_;
};

}  // namespace fanfare::api
