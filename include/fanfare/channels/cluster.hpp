// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/buffer.hpp"
#include "fanfare/channels/channel_home.hpp"
#include "fanfare/channels/channel_key.hpp"
#include "fanfare/channels/event_cache.hpp"
#include "fanfare/channels/happening.hpp"
#include "fanfare/channels/presence.hpp"
#include "fanfare/protocol/socket_id.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::channels {

/// One message for one channel.
struct Publication {
    ChannelKey channel;
    EncodedFrame frame;
    std::optional<protocol::SocketId> except;  ///< the connection that is not to get it (toOthers)
    std::optional<CacheTime> cache_time{};     ///< if a cache channel is to keep it
};

/// Names a connection of a shard, which checks whether it still lives.
struct SubscriberHandle {
    std::uint32_t slot;
    protocol::SocketId socket_id;
};

/// A connection's wish to be in a channel, on its way to the channel's home.
struct JoinRequest {
    ChannelHome::Join join;
    SubscriberHandle subscriber;
    bool is_again;  ///< it is there as this user already, and only wants to hear so
};

/// The homes of the channels, where several nodes share them: Hub hands to it what would otherwise
/// go to a home on this node. Called on any shard's thread; `shard` is the caller's, and callbacks
/// run there. Answers a join by Hub::finish_join, delivers by Hub::deliver_here.
class Cluster {
public:
    virtual void join(JoinRequest request) = 0;

    /// `user_id` is empty outside presence channels.
    virtual void leave(unsigned shard, ChannelKey channel, std::string user_id) = 0;

    /// `done` (may be null) is told whether the publications were accepted.
    virtual void publish(
        unsigned shard, std::vector<Publication> publications, std::function<void(bool)> done
    ) = 0;

    virtual void terminate(AppIndex app, std::string user_id) = 0;

    /// Something that the app wants to know, and that does not come from a join or a leave.
    virtual void report(Happening happening) = 0;

    virtual void stats(
        unsigned shard,
        std::vector<ChannelKey> channels,
        std::function<void(std::vector<ChannelStats>)> done
    ) = 0;
    virtual void user_ids(
        unsigned shard, ChannelKey channel, std::function<void(std::vector<std::string>)> done
    ) = 0;
    virtual void list(
        unsigned shard,
        AppIndex app,
        std::string prefix,
        std::function<void(ChannelHome::Listing)> done
    ) = 0;

    /// The connections of an app on all other nodes, if these have to be asked; nothing if this
    /// node is told (apps::ConnectionCount).
    virtual void connections_elsewhere(
        unsigned /*shard*/,
        AppIndex /*app*/,
        const std::function<void(std::optional<std::uint64_t>)>& done
    ) {
        done(std::nullopt);
    }

    /// Any thread: in a word, why this node does not see the whole cluster at the moment; empty if
    /// it does.
    [[nodiscard]] virtual std::string_view trouble() const = 0;

protected:
    ~Cluster() = default;
};

}  // namespace fanfare::channels
