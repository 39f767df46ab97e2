// SPDX-License-Identifier: MIT
#include "fanfare/channels/happening.hpp"

#include "fanfare/protocol/channel_name.hpp"
#include "fanfare/protocol/frames.hpp"

#include <array>
#include <string_view>

namespace fanfare::channels {

std::optional<std::pair<ChannelKey, EncodedFrame>> news_for_watchers(const Happening& happening) {
    std::string_view user = happening.channel.name;
    if (!user.starts_with(protocol::user_channel_prefix)) return std::nullopt;
    user.remove_prefix(protocol::user_channel_prefix.size());
    const std::array ids{user};
    const bool is_online = happening.kind == Happening::Kind::channel_occupied;
    return std::pair{
        ChannelKey(happening.channel.app, protocol::watchers_channel(user)),
        EncodedFrame(
            is_online ? protocol::frames::watchlist_events(ids, {})
                      : protocol::frames::watchlist_events({}, ids)
        )};
}

}  // namespace fanfare::channels
