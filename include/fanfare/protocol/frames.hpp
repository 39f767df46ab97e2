// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/protocol/errors.hpp"
#include "fanfare/protocol/socket_id.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// The JSON texts that a server sends, with Reverb's key order (protocol.md section 4). An argument
// named `…_json` is JSON already and is copied as it stands; all others are escaped here.
namespace fanfare::protocol::frames {

[[nodiscard]] std::string connection_established(
    SocketId id, std::chrono::seconds activity_timeout
);
[[nodiscard]] std::string_view ping();
[[nodiscard]] std::string_view pong();
[[nodiscard]] std::string error(const Error& error);

[[nodiscard]] std::string subscription_succeeded(std::string_view channel);

/// `presence_json` is the object with `count`, `ids` and `hash`.
[[nodiscard]] std::string presence_subscription_succeeded(
    std::string_view channel, std::string_view presence_json
);

/// Why a subscription was refused, as `pusher:subscription_error` says it.
struct SubscriptionRefusal {
    std::string_view type;   ///< `AuthError`, `InvalidChannel`, `LimitReached`, `InvalidData`
    std::string_view error;  ///< for a person
    int status;  ///< 401 for `AuthError`, else the code of the `pusher:error` that follows
};

[[nodiscard]] std::string subscription_error(
    std::string_view channel, const SubscriptionRefusal& refusal
);

/// `channel_data_json` is an object with `user_id` and `user_info`.
[[nodiscard]] std::string member_added(
    std::string_view channel, std::string_view channel_data_json
);
[[nodiscard]] std::string member_removed(std::string_view channel, std::string_view user_id_json);

/// An event of the HTTP API: its `data` is a JSON string.
[[nodiscard]] std::string event(
    std::string_view name, std::string_view data_json, std::string_view channel
);

/// `user_data` is the text that came in.
[[nodiscard]] std::string signin_success(std::string_view user_data);

/// Who of a watchlist is online and who is not; a list that is empty is left out.
[[nodiscard]] std::string watchlist_events(
    std::span<const std::string_view> online, std::span<const std::string_view> offline
);

[[nodiscard]] std::string subscription_count(std::string_view channel, std::uint64_t count);

/// A cache channel has no event to show.
[[nodiscard]] std::string cache_miss(std::string_view channel);

/// A whisper: its `data` is any JSON value. `user_id_json` is empty outside presence channels.
[[nodiscard]] std::string client_event(
    std::string_view name,
    std::string_view channel,
    std::string_view data_json,
    std::string_view user_id_json
);

}  // namespace fanfare::protocol::frames
