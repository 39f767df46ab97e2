// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/channels/presence.hpp"
#include "fanfare/protocol/channel_name.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace fanfare::sessions {

/// The `data` of a `pusher:subscribe`.
struct SubscribeRequest {
    std::string channel;
    protocol::ChannelKind kind;
    std::string auth;
    std::string channel_data;
    bool is_well_formed = true;  ///< the types of `auth` and `channel_data` are right

    /// Nothing if there is no object with a channel.
    [[nodiscard]] static std::optional<SubscribeRequest> parse(std::string_view raw_data);
};

/// `data` of a `pusher:` event: an object, or a string that holds one (protocol.md 2.1); otherwise
/// empty.
[[nodiscard]] std::string object_text(std::string_view raw_data);

/// The member that signed `channel_data` names; nothing without a usable `user_id`.
[[nodiscard]] std::optional<channels::Member> parse_member(std::string_view channel_data);

}  // namespace fanfare::sessions
