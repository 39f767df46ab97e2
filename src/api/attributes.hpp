// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/channels/channel_home.hpp"

#include <string>
#include <string_view>

namespace fanfare::api {

/// Which facts about a channel an `info` parameter asks for (protocol.md 5.5).
struct Attributes {
    bool occupied = false;
    bool user_count = false;
    bool subscription_count = false;
    bool cache = false;

    /// From a comma-separated list; unknown names are ignored.
    [[nodiscard]] static Attributes parse(std::string_view info);
};

/// The channel's object in an answer. What does not apply to the kind of channel is left out.
[[nodiscard]] std::string to_json(
    std::string_view channel, const channels::ChannelStats& stats, const Attributes& wanted
);

}  // namespace fanfare::api
