// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fanfare::config {

/// `redis[s]://[[user][:password]@]host[:port][/database]` taken apart; `tcp` and `tls` are
/// Laravel's other names for the two schemes. Or `unix://[[user][:password]@]/path`, with the path
/// as `host`. What the URL does not say is empty.
struct RedisUrl {
    bool tls = false;
    std::string host;
    std::optional<std::uint16_t> port;
    std::string username;
    std::string password;
    std::optional<std::uint32_t> database;
};

std::optional<RedisUrl> parse_redis_url(std::string_view text);

/// `host:port`; the port may be missing.
std::optional<RedisUrl> parse_redis_address(std::string_view text);

/// Nothing if a `%` is not followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace fanfare::config
