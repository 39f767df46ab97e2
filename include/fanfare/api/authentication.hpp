// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/apps/app.hpp"
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

    /// What is wrong with the request, as a sentence for the developer who sent it; nothing if it
    /// is signed by `app`. Never tells the right signature.
    [[nodiscard]] std::optional<std::string> find_fault(
        apps::App& app,
        const transport::HttpRequest& request,
        const protocol::QueryString& query,
        std::chrono::milliseconds unix_time
    );

private:
    [[nodiscard]] std::optional<std::string> find_time_fault(
        std::string_view timestamp, std::chrono::milliseconds unix_time
    ) const;

    std::string prefix_;
    std::chrono::seconds tolerance_;
    Md5 md5_;
};

}  // namespace fanfare::api
