// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace fanfare::protocol {

/// What a client is told: the code and text of a `pusher:error`, and of the CLOSE frame where the
/// error ends the connection (protocol.md 1.5).
struct Error {
    std::uint16_t code = 0;
    std::string_view message;
};

namespace errors {

inline constexpr Error tls_required{
    4000, "Application only accepts SSL connections, reconnect using wss://"};
inline constexpr Error no_such_app{4001, "Application does not exist"};
inline constexpr Error app_disabled{4003, "Application disabled"};
inline constexpr Error over_connection_quota{4004, "Application is over connection quota"};
inline constexpr Error bad_version_format{4006, "Invalid version string format"};
inline constexpr Error unsupported_version{4007, "Unsupported protocol version"};
inline constexpr Error origin_not_allowed{4009, "Origin not allowed"};
inline constexpr Error unauthorized{4009, "Connection is unauthorized"};
inline constexpr Error not_a_member{4009, "The client is not a member of the specified channel."};
inline constexpr Error not_authorized_in_time{4009, "Connection not authorized within timeout"};
inline constexpr Error key_revoked{4009, "The app key is no longer valid"};
inline constexpr std::string_view terminated_by_app = "You got disconnected by the app.";
inline constexpr Error over_capacity{4100, "Over capacity"};
inline constexpr Error apps_unavailable{
    4100, "The server cannot look up the application now. Please try again later."};
inline constexpr Error over_address_limit{4100, "Too many connections from your address."};
inline constexpr Error server_closing{4200, "Server closed. Please reconnect shortly."};
inline constexpr Error invalid_message{4200, "Invalid message format"};
inline constexpr Error no_pong{4201, "Pong reply not received in time"};
inline constexpr Error rate_limited{4301, "Rate limit exceeded"};
inline constexpr Error client_events_disabled{
    4301, "The app does not have client messaging enabled."};

}  // namespace errors

}  // namespace fanfare::protocol
