// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/buffer.hpp"
#include "fanfare/channels/channel_key.hpp"
#include "fanfare/channels/presence.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// What a shard knows of its channels beyond its subscribers, as it passes from one process to the
/// next. Who is in which channel comes with the connections.
namespace fanfare::channels {

/// The users of a presence channel in the order in which they joined.
struct PassedMembers {
    ChannelKey channel;
    std::vector<Member> members;
};

/// The last event of a cache channel.
struct PassedEvent {
    ChannelKey channel;
    std::string text;
    std::optional<std::chrono::milliseconds> time_left;  ///< none: it does not expire
};

/// Somebody who has gone, or with an empty user id the channel's last one, of which nobody is told
/// for a while.
struct PassedAbsence {
    ChannelKey channel;
    std::string user_id;
    std::chrono::milliseconds time_left;
};

struct PassedChannels {
    std::vector<PassedMembers> members;
    std::vector<PassedEvent> events;  ///< what was stored longest ago first
    std::vector<PassedAbsence> absences;
    std::vector<ChannelKey> counts;  ///< channels whose count is still to be told
};

}  // namespace fanfare::channels
