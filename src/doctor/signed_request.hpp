// SPDX-License-Identifier: MIT
#pragma once

#include "visit.hpp"

#include <string>
#include <string_view>

namespace fanfare::doctor {

/// As a part of a URL.
[[nodiscard]] std::string url_escaped(std::string_view text);

/// A request of the HTTP API as Pusher's SDKs sign it. `path` is without prefix, and may have a
/// query.
[[nodiscard]] probe::Request signed_request(
    std::string method,
    const std::string& prefix,
    const std::string& path,
    std::string body,
    const Credentials& app
);

/// The `auth` of a subscription to a private channel.
[[nodiscard]] std::string channel_auth(
    const std::string& socket_id, const std::string& channel, const Credentials& app
);

}  // namespace fanfare::doctor
