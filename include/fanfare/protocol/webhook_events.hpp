// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/protocol/socket_id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The events of webhooks as JSON objects, with Pusher's key order (protocol.md section 6).
namespace fanfare::protocol::webhook_events {

[[nodiscard]] std::string channel_occupied(std::string_view channel);
[[nodiscard]] std::string channel_vacated(std::string_view channel);
[[nodiscard]] std::string member_added(std::string_view channel, std::string_view user_id);
[[nodiscard]] std::string member_removed(std::string_view channel, std::string_view user_id);

/// `data_json` is any JSON value, empty for none. A string stays the string it is; of anything else
/// the bytes become one. `user_id` only on presence channels.
[[nodiscard]] std::string client_event(
    std::string_view channel,
    std::string_view event,
    std::string_view data_json,
    SocketId socket,
    std::optional<std::string_view> user_id
);

[[nodiscard]] std::string cache_miss(std::string_view channel);
[[nodiscard]] std::string subscription_count(std::string_view channel, std::uint64_t count);

}  // namespace fanfare::protocol::webhook_events
